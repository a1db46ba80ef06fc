"""What is wrong with a plan, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ddbtui.errors import Exit, UserError
from ddbtui.text import shown

Path = tuple[str | int, ...]
"""Where a value stands in the plan, e.g. `("tables", 0, "name")`."""

MOST_SHOWN = 50
FIELDS_HINT = "`ddbtui schema` prints every field of a plan; the README shows a complete one."
WITHOUT_HINT = (
    "Take credentials from a profile or the environment; external_id_env names the variable with an external id."
)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. Sorts by its place in the file.

    Args:
        line: from 1; 0 when the whole file is meant.
        column: from 1.
        path: the field, e.g. `tables[0].name`; empty for the plan as a whole.
        text: what is wrong, never with a value that could be a secret.
        hint: what to do about it.
    """

    line: int
    column: int
    path: str
    text: str
    hint: str = FIELDS_HINT

    def at(self, source_name: str) -> str:
        """Return the whole sentence, `file:line:column: field: what is wrong`."""
        place = f"{source_name}:{self.line}:{self.column}" if self.line else source_name
        return ": ".join(part for part in (place, self.path, self.text) if part)


class PlanError(UserError):
    """A plan can't be used. The message has one line for each problem, in the order of the file.

    Args:
        source_name: the file, or what stands for it.
        problems: at least one.
    """

    def __init__(self, source_name: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        name = shown(source_name, 200)
        lines = [problem.at(name) for problem in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            lines.append(f"{name}: and {len(self.problems) - MOST_SHOWN} more")
        hints = [problem.hint for problem in self.problems]
        hint = WITHOUT_HINT if WITHOUT_HINT in hints else hints[0]
        super().__init__("\n".join(lines), hint, Exit.USAGE)


def dotted(path: Path) -> str:
    """Return a path as people write it, e.g. `tables[0].name`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shown(part, 40)}" if text else shown(part, 40)
    return text
