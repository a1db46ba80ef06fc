"""The seven steps: where you are, and the way back. A column where there is room, else one line, cut where it must."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from ddbtui.flow import STEPS, Flow, StepId

TITLES: dict[StepId, str] = {step: step.capitalize() for step in STEPS}


class Rail(Widget):
    """Shows the steps; a click on one that was reached asks to go there."""

    class Chosen(Message):
        """A step was clicked."""

        def __init__(self, step: StepId) -> None:
            super().__init__()
            self.step = step

    def __init__(self, flow: Flow, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._flow = flow

    def show(self, flow: Flow) -> None:
        """Show another position."""
        self._flow = flow
        self.refresh()

    def render(self) -> Content:
        """The steps, one under or beside the other."""
        return Content("\n\n" if self._is_column else " ").join(self._steps())

    def _steps(self) -> list[Content]:
        steps = [self._step(index, step) for index, step in enumerate(STEPS, 1)]
        if self._is_column or sum(step.cell_length + 1 for step in steps) <= self.size.width + 1:
            return steps
        here = STEPS.index(self._flow.current)
        return [step if index == here else step[:1] for index, step in enumerate(steps)]

    @property
    def _is_column(self) -> bool:
        return self.size.height > 2

    def _step(self, index: int, step: StepId) -> Content:
        if step == self._flow.current:
            return Content.assemble(
                (f"▸{index} {TITLES[step]}" if self._is_column else f"▸{TITLES[step]}", "bold reverse")
            )
        done = self._flow.can_go(step)
        sign = "✓" if done else str(index)
        text = f" {sign} {TITLES[step]}" if self._is_column else f"{sign} {TITLES[step]}"
        return Content.assemble((text, "" if done else "$text-muted"))

    def on_click(self, event: events.Click) -> None:
        """Ask for the step under the pointer."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if self._is_column:
            index = place.y // 2 if place.y % 2 == 0 else len(STEPS)
        else:
            ends = [0]
            for step in self._steps():
                ends.append(ends[-1] + step.cell_length + 1)
            index = next((i for i, end in enumerate(ends[1:]) if place.x < end), len(STEPS))
        if index < len(STEPS) and self._flow.can_go(STEPS[index]):
            self.post_message(self.Chosen(STEPS[index]))
