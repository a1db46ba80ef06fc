"""Who a command tells what happens: a person or the log of a CI job in plain lines, or a program in JSON lines."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from ddbtui.commands.common import colours
from ddbtui.engine.snapshot import Snapshot
from ddbtui.errors import Exit
from ddbtui.methods.base import Estimate
from ddbtui.prerequisites.base import Change, Finding
from ddbtui.reporting import json_lines, plain
from ddbtui.reporting.news import News
from ddbtui.reporting.report import Report, report_lines
from ddbtui.reporting.style import Style


class Teller(Protocol):
    """Tells one command's user what happens, in order."""

    def finding(self, finding: Finding) -> None:
        """A prerequisite was checked."""

    def findings(self, findings: Sequence[Finding]) -> None:
        """All prerequisites were checked."""

    def changes(self, changes: Sequence[Change]) -> None:
        """The calls of a dry run."""

    def estimate(self, estimate: Estimate) -> None:
        """What the run of a dry run would cost, and how long it would take."""

    def opening(self, snapshot: Snapshot, again: bool) -> None:
        """A run was started or resumed."""

    def look(self, snapshot: Snapshot) -> None:
        """Time has passed: tell what is new."""

    def note(self, text: str) -> None:
        """A word to a person; programs don't need it."""

    def end(self, report: Report, code: Exit) -> None:
        """The run has come to rest."""


class PlainTeller:
    """Plain lines on standard output.

    Args:
        live: whether a last line shows the progress of the whole run and is written over; only on a terminal.
        brief: whether the evidence of prerequisites that hold is left out.
    """

    def __init__(self, live: bool = False, brief: bool = False) -> None:
        self._brief = brief
        self.style = Style(colours())
        self._live = live
        self._line = ""
        self._news = News(plain.PROGRESS_SECONDS)

    def finding(self, finding: Finding) -> None:
        """Print outcome, evidence and advice."""
        self._print(plain.finding_lines(finding, self.style, brief=self._brief))

    def findings(self, findings: Sequence[Finding]) -> None:
        """Print the counts."""
        self._print([f"prerequisites: {plain.summary_line(findings)}"])

    def changes(self, changes: Sequence[Change]) -> None:
        """Print every call."""
        self._print(["a run would make these changing calls, and nothing was changed now:"])
        self._print(plain.change_lines(changes, self.style) or ["  none"])

    def estimate(self, estimate: Estimate) -> None:
        """Print sum, time and what it is made of."""
        self._print(plain.estimate_lines(estimate))

    def opening(self, snapshot: Snapshot, again: bool) -> None:
        """Print the first line of a run."""
        self._news = News(plain.PROGRESS_SECONDS, snapshot if again else None)
        self._print([plain.opening(snapshot, again)])

    def look(self, snapshot: Snapshot) -> None:
        """Print the news, and write the live line anew."""
        lines = plain.news_lines(self._news.since(snapshot), self.style)
        line = plain.live_line(snapshot, shutil.get_terminal_size().columns - 1) if self._live else ""
        if lines or line != self._line:
            self._print(lines)
            self._draw(line)

    def note(self, text: str) -> None:
        """Print it."""
        self._print(text.splitlines())

    def end(self, report: Report, code: Exit) -> None:
        """Print the report."""
        self._print(["", *report_lines(report, self.style)])

    def _print(self, lines: Sequence[str]) -> None:
        self._draw("")
        for line in lines:
            print(line)
        sys.stdout.flush()

    def _draw(self, line: str) -> None:
        if self._live and line != self._line:
            sys.stdout.write(f"\r\x1b[K{line}")
            sys.stdout.flush()
            self._line = line


class JsonTeller:
    """JSON lines on standard output."""

    def __init__(self) -> None:
        self._news = News(json_lines.PROGRESS_SECONDS)

    def finding(self, finding: Finding) -> None:
        """One `finding`."""
        self._write([json_lines.finding(finding)])

    def findings(self, findings: Sequence[Finding]) -> None:
        """One `checked` with the counts."""
        self._write([json_lines.checked(findings)])

    def changes(self, changes: Sequence[Change]) -> None:
        """One `change` a call."""
        self._write([json_lines.change(change) for change in changes])

    def estimate(self, estimate: Estimate) -> None:
        """One `estimate`."""
        self._write([json_lines.estimate(estimate)])

    def opening(self, snapshot: Snapshot, again: bool) -> None:
        """One `run`."""
        self._news = News(json_lines.PROGRESS_SECONDS, snapshot if again else None)
        self._write([json_lines.started(snapshot, again)])

    def look(self, snapshot: Snapshot) -> None:
        """The news."""
        self._write(json_lines.news(self._news.since(snapshot)))

    def note(self, text: str) -> None:
        """Nothing: it is for people."""

    def end(self, report: Report, code: Exit) -> None:
        """One `end` with the report."""
        self._write([json_lines.end(report, code)])

    def _write(self, objects: Sequence[dict[str, Any]]) -> None:
        for fields in objects:
            print(json_lines.line(fields))
        sys.stdout.flush()


def teller_for(output: str, brief: bool = False) -> Teller:
    """Return the teller that `--output` asks for; `brief` is that of `PlainTeller`."""
    if output == "json":
        return JsonTeller()
    live = output == "auto" and sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"
    return PlainTeller(live, brief)
