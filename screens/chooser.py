"""A list on top of a screen, out of which one entry is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option

from ddbtui.prompts.asker import Choice
from ddbtui.screens.widgets.plain import Plain
from ddbtui.text import shown


class Chooser(ModalScreen[str | None]):
    """Asks for one of many; escape gives None. What can't be chosen is listed with its reason.

    Args:
        title: one line.
        choices: what there is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]
    AUTO_FOCUS = "OptionList"

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._answered = False

    def compose(self) -> ComposeResult:
        """The box in the middle."""
        options = [Option(_line(choice), disabled=bool(choice.refused)) for choice in self._choices]
        with Vertical(classes="dialog"):
            yield Plain(self._title, classes="dialog-title")
            yield OptionList(*options, id="choices", markup=False, compact=True)
        yield Footer(compact=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give the value of the entry."""
        self._answer(str(self._choices[event.option_index].value))

    def action_cancel(self) -> None:
        """None of them."""
        self._answer(None)

    def _answer(self, value: str | None) -> None:
        if not self._answered:
            self._answered = True
            self.dismiss(value)


def _line(choice: Choice) -> str:
    return shown(f"{choice.title} ({choice.refused})" if choice.refused else choice.title, 300)
