"""Which question comes next, and back: the way through the answers. Pure; knows no Textual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ddbtui.draft import Draft, Reason, complaints
from ddbtui.plan.model import MethodOptions
from ddbtui.text import plural

if TYPE_CHECKING:
    from ddbtui.engine.snapshot import RunState

StepId = Literal["accounts", "tables", "method", "prerequisites", "review", "run", "report"]
STEPS: tuple[StepId, ...] = ("accounts", "tables", "method", "prerequisites", "review", "run", "report")


@dataclass(frozen=True)
class Facts:
    """What the wizard learned that is no answer, as far as it decides whether a step can be left.

    Args:
        unsuited: tables that the chosen method can't move.
        unread: chosen tables whose inventory is not there yet.
        matched: how many tables the choices stand for.
        available: whether the chosen method is built.
        checked: whether all prerequisites have a finding.
        failing: how many of them fail.
        run_state: the state of the run, if one was started.
        run_going: whether it is at work in this process.
    """

    unsuited: int = 0
    unread: int = 0
    matched: int = 0
    available: bool = True
    checked: bool = False
    failing: int = 0
    run_state: RunState | None = None
    run_going: bool = False


def reasons(step: StepId, draft: Draft, facts: Facts, models: Mapping[str, type[MethodOptions]]) -> tuple[Reason, ...]:
    """Return why `step` can't be left forward; empty when it can."""
    if step == "accounts":
        return _accounts(draft)
    if step == "tables":
        return _tables(draft, facts)
    if step == "method":
        return _method(draft, facts, models)
    if step == "prerequisites":
        return _prerequisites(facts)
    return _running(step, facts)


def _accounts(draft: Draft) -> tuple[Reason, ...]:
    found = tuple(reason for side in draft.sides for reason in draft.side(side).problems(side))
    if found:
        return found
    waiting = tuple(
        Reason(f"{side}-profile", f"AWS has not confirmed the {side} account yet")
        for side in draft.sides
        if not draft.side(side).verified
    )
    if not waiting and draft.source.pin == draft.target.pin:
        return (Reason("target-profile", f"source and target are the same account ({draft.source.pin})"),)
    return waiting


def _tables(draft: Draft, facts: Facts) -> tuple[Reason, ...]:
    if not draft.tables:
        return (Reason("tables", "choose at least one table (space), or a pattern (p)"),)
    if not facts.matched:
        return (Reason("tables", "no table matches the chosen pattern"),)
    new_names = Counter(choice.target_name or choice.name for choice in draft.tables)
    return tuple(
        Reason("tables", f"{count} tables would become '{name}'; give one another name (t)")
        for name, count in new_names.items()
        if count > 1
    )


def _method(draft: Draft, facts: Facts, models: Mapping[str, type[MethodOptions]]) -> tuple[Reason, ...]:
    if draft.method not in models:
        return (Reason("methods", "choose a method (enter)"),)
    if not facts.available:
        return (Reason("methods", f"{draft.method} is not available yet"),)
    if facts.unread:
        return (Reason("methods", f"{plural(facts.unread, 'table')} could not be read or still are being read"),)
    if facts.unsuited:
        return (Reason("methods", f"{draft.method} can't move {plural(facts.unsuited, 'table')} of the chosen ones"),)
    chosen = {"type": draft.method, **draft.options.get(draft.method, {})}
    model = models[draft.method]
    said = complaints(lambda: model.model_validate(chosen), model.model_fields)
    if not said:
        whole = complaints(lambda: draft.plan(models))
        said = {where.removeprefix("method."): text for where, text in whole.items()}
    return tuple(Reason(f"option-{where}", f"{where or 'the plan'}: {text}") for where, text in said.items())


def _prerequisites(facts: Facts) -> tuple[Reason, ...]:
    if facts.failing:
        verb = "fails" if facts.failing == 1 else "fail"
        return (
            Reason("checks", f"{plural(facts.failing, 'prerequisite')} {verb}: apply the remedy or see the advice"),
        )
    return () if facts.checked else (Reason("checks", "the prerequisites are still being checked"),)


def _running(step: StepId, facts: Facts) -> tuple[Reason, ...]:
    if step == "review" and facts.run_state is None:
        return (Reason("start", "the run was not started"),)
    if step == "run" and (facts.run_going or facts.run_state is None):
        return (Reason("run", "the run is not over yet"),)
    return ()


@dataclass(frozen=True)
class Flow:
    """Where the user is and how far they came. A step that was reached can be gone back to.

    Args:
        current: the step that is shown.
        reached: the furthest step so far.
    """

    current: StepId = "accounts"
    reached: StepId = "accounts"

    def next(self) -> Flow:
        """Go one step on; the last stays. Ask `reasons` first."""
        index = min(STEPS.index(self.current) + 1, len(STEPS) - 1)
        return self.at(STEPS[index])

    def back(self) -> Flow:
        """Go one step back; the first stays."""
        return replace(self, current=STEPS[max(STEPS.index(self.current) - 1, 0)])

    def at(self, step: StepId) -> Flow:
        """Go to a step, and count it as reached."""
        return Flow(step, max(self.reached, step, key=STEPS.index))

    def can_go(self, step: StepId) -> bool:
        """Whether the step was reached before."""
        return STEPS.index(step) <= STEPS.index(self.reached)

    def changed(self) -> Flow:
        """An answer of the current step changed: what comes after must be passed again."""
        return replace(self, reached=self.current)
