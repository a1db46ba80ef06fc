"""The gates of a run: whoever consents beforehand must name one that it has."""

from __future__ import annotations

from collections.abc import Iterable

from ddbtui.engine.step import Work
from ddbtui.errors import Exit, UserError
from ddbtui.text import did_you_mean, shown


def refuse_unknown(work: Work, gates: Iterable[str]) -> None:
    """Return if the work has all these gates.

    Args:
        work: the steps of the run.
        gates: names, e.g. those that a command line acknowledges.

    Raises:
        UserError: it has no gate of a name; the hint lists those that it has.
    """
    for gate in gates:
        if gate not in work.gates:
            known = sorted(work.gates)
            raise UserError(
                f"the run has no gate '{shown(gate, 64)}'{did_you_mean(gate, known)}",
                f"Its gates: {', '.join(known)}." if known else "It has none.",
                Exit.USAGE,
            )
