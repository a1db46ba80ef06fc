"""On start: a run was left unfinished."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button

from ddbtui.screens.widgets.plain import Plain, state
from ddbtui.text import plural, shown

if TYPE_CHECKING:
    from ddbtui.service import RunInfo


class ResumeOffer(ModalScreen[str]):
    """Offers to go on with a run; gives `resume`, `inspect` or `later`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer('later')", "Later", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "#offer-later"

    def __init__(self, left: RunInfo) -> None:
        super().__init__()
        self._left = left
        self._answered = False

    def compose(self) -> ComposeResult:
        """Which run, and what can be done about it."""
        run = self._left
        with Vertical(classes="dialog"):
            yield Plain(f"A run from {run.started:%Y-%m-%d %H:%M} UTC is not finished", classes="dialog-title")
            yield Plain(
                Content.assemble(
                    "Run       ", shown(run.run_id), "  ", state(run.state),
                    "\nFrom      ", shown(run.source),
                    "\nTo        ", shown(run.target),
                    "\nMethod    ", shown(run.method), ", ", plural(len(run.tables), "table"),
                ),
                classes="dialog-hint",
            )  # fmt: skip
            with Horizontal(classes="dialog-buttons"):
                yield Button("Later", id="offer-later")
                yield Button("Resume", id="offer-resume", variant="primary")
                yield Button("Look at the runs", id="offer-inspect")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button's word."""
        self.action_answer((event.button.id or "").removeprefix("offer-"))

    def action_answer(self, answer: str) -> None:
        """Answer once."""
        if not self._answered:
            self._answered = True
            self.dismiss(answer)
