"""Questions on top of a screen: consent, and a line of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Input

from ddbtui.screens.widgets.box import Box
from ddbtui.screens.widgets.plain import Plain


@dataclass(frozen=True)
class Choice:
    """One answer: its key in the result, its words, and whether it is the dangerous one."""

    id: str
    label: str
    danger: bool = False


@dataclass(frozen=True)
class Answer:
    """What was answered; `ticked` holds the ids of the boxes that were ticked."""

    choice: str
    ticked: frozenset[str] = frozenset()


class Question(ModalScreen[Answer | None]):
    """Asks for one of a few answers. The first is the harmless one: it has the focus, and escape means it.

    Args:
        title: one line.
        text: what to know before answering; may be long, it scrolls.
        choices: the answers, harmless first.
        boxes: id and label of boxes to tick.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", "Choose", key_display="← →"),
        Binding("right,down", "app.focus_next", show=False),
        Binding("pageup", "scroll_text(-1)", show=False),
        Binding("pagedown", "scroll_text(1)", "Scroll", key_display="page up, page down"),
        Binding("escape", "harmless", "Back"),
    ]
    AUTO_FOCUS = "Button"

    def __init__(
        self,
        title: str,
        text: str | Content,
        choices: Sequence[Choice],
        boxes: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._choices = choices
        self._boxes = boxes
        self._answered = False

    def compose(self) -> ComposeResult:
        """The box in the middle."""
        with Vertical(classes="dialog"):
            yield Plain(self._title, classes="dialog-title")
            with VerticalScroll(classes="dialog-text", can_focus=False):
                yield Plain(self._text)
            if self._boxes:
                with VerticalScroll(classes="dialog-boxes", can_focus=False):
                    yield from (Box(label, id=f"box-{box}") for box, label in self._boxes)
            with Horizontal(classes="dialog-buttons"):
                for choice in self._choices:
                    button = Button(Content(choice.label), id=f"choice-{choice.id}")
                    button.variant = "error" if choice.danger else "default"
                    yield button
        yield Footer(compact=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A text that is in sight as a whole needs no scrolling."""
        if action == "scroll_text" and self.is_mounted:
            return self.query_one(".dialog-text").max_scroll_y > 0
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Tell of scrolling once it is known whether there is any."""
        self.call_after_refresh(self.refresh_bindings)

    def action_scroll_text(self, pages: int) -> None:
        """Scroll the text; the focus stays where it is."""
        text = self.query_one(".dialog-text")
        text.scroll_relative(y=pages * max(text.size.height - 1, 1), animate=False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Give the answer."""
        self._answer((event.button.id or "").removeprefix("choice-"))

    def action_harmless(self) -> None:
        """Escape is the harmless answer."""
        self._answer(self._choices[0].id)

    def _answer(self, choice: str) -> None:
        if not self._answered:
            self._answered = True
            ticked = frozenset((box.id or "").removeprefix("box-") for box in self.query(Box) if box.value)
            self.dismiss(Answer(choice, ticked))


class Ask(ModalScreen[str | None]):
    """Asks for a line of text; escape gives None.

    Args:
        title: one line.
        hint: what is expected.
        value: what stands there at first.
        problem: tells what is wrong with a text, or nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]
    AUTO_FOCUS = "Input"

    def __init__(self, title: str, hint: str, value: str = "", problem: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._problem = problem
        self._answered = False

    def compose(self) -> ComposeResult:
        """The box in the middle."""
        with Vertical(classes="dialog"):
            yield Plain(self._title, classes="dialog-title")
            yield Plain(self._hint, classes="dialog-hint")
            yield Input(self._value, id="ask-line", compact=True)
            yield Plain("", classes="dialog-problem")
        yield Footer(compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the text if it will do."""
        value = event.value.strip()
        wrong = self._problem(value) if self._problem else ""
        if wrong:
            self.query_one(".dialog-problem", Plain).update(Content.assemble(("✗ ", "bold $text-error"), wrong))
        elif not self._answered:
            self._answered = True
            self.dismiss(value)

    def action_cancel(self) -> None:
        """No text."""
        if not self._answered:
            self._answered = True
            self.dismiss(None)
