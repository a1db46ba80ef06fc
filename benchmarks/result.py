"""One measured figure with its target."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One row of the report.

    Args:
        what: what was measured.
        measured: the figures, for people.
        target: the target, for people.
        met: whether it is met.
    """

    what: str
    measured: str
    target: str
    met: bool

    def row(self) -> str:
        """The result as a row of a Markdown table."""
        return f"| {self.what} | {self.measured} | {self.target} | {'met' if self.met else '**missed**'} |"
