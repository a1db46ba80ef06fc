"""The help of a screen, with its keys."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer

from ddbtui.screens.widgets.plain import Plain


class HelpScreen(ModalScreen[None]):
    """Explains another screen: its text, then every key that works there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,f1,q", "close", "Close", key_display="esc")]

    def __init__(self, explained: Screen[None]) -> None:
        super().__init__()
        self._text = (explained.HELP or "").strip()
        keys: dict[str, str] = {}
        for active in explained.active_bindings.values():
            binding = active.binding
            if binding.description and not binding.system and not binding.description.startswith(("Scroll", "Page")):
                keys.setdefault(binding.description, explained.app.get_key_display(binding))
        self._keys = {label: what for what, label in keys.items()}

    def compose(self) -> ComposeResult:
        """Text and keys."""
        with Vertical(classes="dialog help"), VerticalScroll():
            yield Plain(self._text)
            yield Plain("")
            rows = [Content.assemble((key.rjust(12), "bold"), f"  {what}") for key, what in self._keys.items()]
            yield Plain(Content("\n").join(rows))
        yield Footer(compact=True)

    def action_close(self) -> None:
        """Back to the screen."""
        self.dismiss()
