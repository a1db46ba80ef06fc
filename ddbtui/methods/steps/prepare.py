"""The steps before the move: what must hold is checked once more, remedied with consent, and a person says go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ddbtui.aws.move import MovingTable
from ddbtui.engine.step import Done, Json, Progress, Step, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep
from ddbtui.prerequisites.base import Finding, Prerequisite, Remedy
from ddbtui.text import shown

REMEDIES = "apply-remedies"
WRITES_STOPPED = "writes-stopped"
_PROPAGATION = timedelta(minutes=5)


class PrerequisiteStep(Step):
    """Checks one prerequisite; applies its remedy with consent, and waits until it holds.

    The access that it needs is the prerequisite's own to declare.
    """

    gates = (REMEDIES,)
    poll_seconds = 5

    def __init__(self, prerequisite: Prerequisite) -> None:
        self.name = prerequisite.id
        self.title = prerequisite.title
        self._prerequisite = prerequisite

    def start(self, ctx: StepContext) -> Json:
        """Check, and apply the remedy if it takes one."""
        self._prerequisite.finish(ctx.resources(), ctx.record)
        finding = self._prerequisite.check()
        if finding.outcome in ("pass", "warn"):
            return _result(ctx, finding)
        if not finding.remedy:
            raise _failed(finding)
        ctx.consent(REMEDIES, _question(finding, finding.remedy))
        self._prerequisite.apply(ctx.record)
        ctx.log(f"applied: {finding.remedy.title}")
        return {"applied": finding.remedy.title, "applied_at": ctx.now().isoformat()}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Wait until what was applied shows everywhere."""
        if "applied" not in handle:
            return Done(handle)
        finding = self._prerequisite.check()
        if finding.outcome in ("pass", "warn"):
            return Done({**_result(ctx, finding), "applied": handle["applied"]})
        if ctx.now() - datetime.fromisoformat(handle["applied_at"]) > _PROPAGATION:
            raise _failed(finding, " after its remedy was applied")
        return Progress(note=f"applied; {finding.evidence}")


def _result(ctx: StepContext, finding: Finding) -> Json:
    if finding.outcome == "warn":
        ctx.log(f"{finding.title}: {finding.evidence}", "warn")
    return {"outcome": finding.outcome, "evidence": finding.evidence}


def _failed(finding: Finding, when: str = "") -> StepFailed:
    word = "can't be checked" if finding.outcome == "unknown" else "does not hold"
    return StepFailed(f"{finding.title}: {word}{when}. {finding.evidence}", finding.advice, "prerequisite")


def _question(finding: Finding, remedy: Remedy) -> str:
    changes = [f"{c.action} on {shown(c.resource, 300)} in account {c.account_id}" for c in remedy.changes]
    return f"{finding.title}: {finding.evidence} Apply the remedy '{remedy.title}' ({'; '.join(changes)})?"


class WritesStoppedStep(TableStep):
    """Waits until a person says that nobody writes to the source any more."""

    name = WRITES_STOPPED
    title = "Writes to the source have stopped"
    gates = (WRITES_STOPPED,)

    def start(self, ctx: StepContext) -> Json:
        """Go on only with consent."""
        ctx.consent(WRITES_STOPPED, self.question(ctx))
        return {"consented": True}

    def question(self, ctx: StepContext) -> str:
        """Return what the person is asked."""
        return (
            f"Have all writes to {self.moving.name} in account {self.move.source.account_id} stopped? What is written "
            "after the instant of the copy is not in it, and nothing will tell of it."
        )


def prerequisite_steps(prerequisites: Sequence[Prerequisite], moving: MovingTable | None) -> tuple[Step, ...]:
    """Return the steps of those prerequisites that are about this table, or about the run (None)."""
    name = moving.name if moving else None
    return tuple(PrerequisiteStep(one) for one in prerequisites if (one.moving.name if one.moving else None) == name)
