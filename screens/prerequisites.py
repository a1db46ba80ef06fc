"""What must hold before the run: checked, with evidence, and put right with consent."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content

from ddbtui.flow import StepId
from ddbtui.plan.model import Plan
from ddbtui.prerequisites.base import Finding
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Choice, Question
from ddbtui.screens.session import Checks, Key
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets import checklist
from ddbtui.screens.widgets.plain import Plain, failure
from ddbtui.screens.widgets.virtual_table import Column, VirtualTable
from ddbtui.text import shown

COLUMNS = (Column("State", 9), Column("Prerequisite", 20, flexible=True))


class PrerequisitesScreen(StepScreen):
    """The fourth question."""

    step: ClassVar[StepId] = "prerequisites"
    question = "Does everything hold that this move needs?"
    AUTO_FOCUS = "#checks"
    HELP = """Prerequisites

Each line is something that must hold, with what AWS said about it. pass is well, warn can be lived with, fail must be \
put right before you can go on, unknown could not be asked.

The pane shows the evidence, what to do, and where ddbtui can do it itself, the exact change. f applies it, after \
asking; nothing is changed without that. r checks one again, R all."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fix", "Fix", id="prerequisites.fix"),
        Binding("r", "recheck", "Re-check", id="prerequisites.recheck"),
        Binding("R", "check_all", "All again", key_display="R", id="prerequisites.all"),
    ]

    def body(self) -> ComposeResult:
        """The list and the one under the cursor."""
        with Horizontal(classes="check-panes"):
            yield VirtualTable(COLUMNS, self._cells, tone=self._tone, id="checks")
            with VerticalScroll(classes="details"):
                yield Plain("", classes="details-text")
        yield Plain("", classes="summary")

    def on_mount(self) -> None:
        """Check, unless it was done for these very answers."""
        self._keys: dict[str, Key] = {}
        self._dirty = False
        self.set_interval(0.1, self._redraw)
        if self.session.valid_checks():
            self._changed()
        else:
            self.action_check_all()

    @property
    def _checks(self) -> Checks | None:
        return self.session.checks

    def action_check_all(self) -> None:
        """Check everything anew."""
        self.run_worker(self._check_all(), group="check", exclusive=True, exit_on_error=False)

    async def _check_all(self) -> None:
        session = self.session
        session.checks, session.estimate, session.changes = None, None, None
        self.query_one(".summary", Plain).update("▸ reading accounts and tables …")
        self._keys = {}
        self.query_one("#checks", VirtualTable).set_keys(())
        self.query_one(".details-text", Plain).update("")
        try:
            plan = session.plan()
            checks = await in_thread(partial(self._prepare, plan))
            session.checks = checks
            self._changed()
            await in_thread(lambda: session.service.check(checks.move, partial(self._found, checks)))
            checks.complete = True
        except Exception as error:
            self.query_one(".details-text", Plain).update(failure(error))
            self.query_one(".summary", Plain).update("✗ the checks could not be made (R tries again)")
            return
        finally:
            if session.checks:
                session.checks.running.clear()
        self._changed()
        self._go_to_trouble()

    def _prepare(self, plan: Plan) -> Checks:
        move = self.session.service.resolve(plan)
        method = self.session.method(plan.method.type)
        expected = {(p.id, p.subject): p.title for p in method.prerequisites(move)} if method else {}
        return Checks(plan, move, expected, running=set(list(expected)[:1]))

    def _found(self, checks: Checks, finding: Finding) -> None:
        """Note a finding; runs in the checking thread, so it touches no widget."""
        checks.expected.setdefault(finding.key, finding.title)
        checks.findings[finding.key] = finding
        checks.running = set([key for key in list(checks.expected) if key not in checks.findings][:1])
        self._dirty = True

    def _changed(self) -> None:
        self._dirty = True
        self._redraw()

    def _redraw(self) -> None:
        checks = self._checks
        if not self._dirty or checks is None:
            return
        self._dirty = False
        rows, keys = self.query_one("#checks", VirtualTable), {"\n".join(key): key for key in list(checks.expected)}
        if keys != self._keys:
            self._keys = keys
            rows.set_keys(keys)
        rows.refresh()
        self.query_one(".summary", Plain).update(checklist.summary(checks))
        self._show_detail()

    def _show_detail(self) -> None:
        key, checks = self._key(), self._checks
        if key and checks:
            self.query_one(".details-text", Plain).update(checklist.detail(checks, key))

    def _key(self) -> Key | None:
        return self._keys.get(self.query_one("#checks", VirtualTable).key or "")

    def _cells(self, row: str) -> tuple[str, str]:
        return checklist.cells(self._checks, self._keys[row]) if self._checks else ("", "")

    def _tone(self, row: str) -> str:
        return checklist.TONES.get(checklist.word(self._checks, self._keys[row]), "") if self._checks else ""

    def _go_to_trouble(self) -> None:
        """Put the cursor on the first failing check."""
        checks = self._checks
        failing = [row for row, key in self._keys.items() if checks and checklist.word(checks, key) == "fail"]
        if failing:
            self.query_one("#checks", VirtualTable).go_to(failing[0])

    def on_virtual_table_moved(self, message: VirtualTable.Moved) -> None:
        """Show the check under the cursor."""
        self._show_detail()

    def focus_for(self, where: str) -> None:
        """What stands in the way is the check that fails."""
        self._go_to_trouble()
        super().focus_for(where)

    # One check

    def action_recheck(self) -> None:
        """Check the one under the cursor again."""
        key, checks = self._key(), self._checks
        if key and checks:
            self.say("")
            self._one(checks, key, "recheck")

    def action_fix(self) -> None:
        """Apply the remedy of the check under the cursor, after asking."""
        key, checks = self._key(), self._checks
        finding = checks.findings.get(key) if checks and key else None
        if finding is None or finding.remedy is None or finding.outcome == "pass":
            self.say("There is nothing that ddbtui can do about this one.")
            return
        self.run_worker(self._fix(finding), group="fix", exclusive=True, exit_on_error=False)

    async def _fix(self, finding: Finding) -> None:
        assert finding.remedy
        where = sorted({f"{c.side} account {c.account_id}" for c in finding.remedy.changes})
        choices = [Choice("no", "No"), Choice("yes", "Apply", danger=True)]
        title = f"Change something in {' and '.join(where)}?"
        answer = await self.app.push_screen_wait(Question(title, checklist.remedy_question(finding), choices))
        if answer and answer.choice == "yes" and self._checks:
            self.say("")
            self._one(self._checks, finding.key, "apply_remedy")

    def _applied(self, checks: Checks, key: Key) -> None:
        """A remedy was applied: on to what still fails."""
        self._recheck_open(checks)
        if checks.findings[key].outcome == "pass":
            self.say(Content.assemble(("✓ ", "$text-success"), f"done: {shown(checks.findings[key].title, 200)}"))
            self._go_to_trouble()

    def _recheck_open(self, checks: Checks) -> None:
        """What failed or could not be asked before, e.g. about a bucket that did not exist, may have an answer now."""
        for key, finding in list(checks.findings.items()):
            if finding.outcome in ("fail", "unknown") and key not in checks.running:
                self._one(checks, key, "recheck")

    def _one(self, checks: Checks, key: Key, what: str) -> None:
        work = self._carry_out(checks, key, what)
        self.run_worker(work, group=f"one-{key[0]}-{key[1]}", exclusive=True, exit_on_error=False)

    async def _carry_out(self, checks: Checks, key: Key, what: str) -> None:
        service = self.session.service
        checks.running.add(key)
        self._changed()
        call = service.apply_remedy if what == "apply_remedy" else service.recheck
        try:
            checks.findings[key] = await in_thread(lambda: call(checks.move, key))
        except Exception as error:
            self.say(failure(error))
        else:
            if what == "apply_remedy":
                self._applied(checks, key)
        finally:
            checks.running.discard(key)
            self._changed()
