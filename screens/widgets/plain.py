"""Text that is shown as it is: no widget of the wizard reads markup from data."""

from __future__ import annotations

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static

from ddbtui.text import shown

MARKS = {
    "pass": ("✓", "$text-success"),
    "warn": ("!", "$text-warning"),
    "fail": ("✗", "bold $text-error"),
    "unknown": ("?", "$text-warning"),
    "waiting": ("?", "$text-warning"),
    "running": ("▸", "$text-accent"),
    "pending": ("·", "$text-muted"),
    "done": ("✓", "$text-success"),
    "failed": ("✗", "bold $text-error"),
    "stopped": ("■", "$text-warning"),
    "different": ("≠", "bold $text-error"),
    "cancelled": ("■", "$text-muted"),
}
"""A sign and a style for every state; the word always stands beside it."""


class Plain(Static):
    """A `Static` that takes text or `Content`, never markup."""

    def __init__(self, content: VisualType = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(content, id=id, classes=classes, markup=False)
        self._shown_now = content

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show another text. What is shown already costs no layout: screens look ten times a second."""
        if _same(self._shown_now, content):
            return
        self._shown_now = content
        super().update(content, layout=layout)


def _same(one: VisualType, other: VisualType) -> bool:
    if isinstance(one, Content) and isinstance(other, Content):
        return one.plain == other.plain and one.spans == other.spans
    return isinstance(one, str) and isinstance(other, str) and one == other


def state(word: str, *, width: int = 0) -> Content:
    """Return the sign and the word of a state, padded to a width."""
    sign, style = MARKS.get(word, ("·", ""))
    return Content.assemble((f"{sign} {word.ljust(width)}", style))


def failure(error: BaseException, what: str = "") -> Content:
    """Return an error for the screen: what is wrong, then what to do."""
    from ddbtui.errors import UserError

    message = error.message if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    hint = error.hint if isinstance(error, UserError) else ""
    lead = f"{what}: " if what else ""
    parts: list[str | Content | tuple[str, str]] = [("✗ ", "bold $text-error"), f"{lead}{shown(message)}"]
    if hint:
        parts += ["\n", ("→ ", "bold"), shown(hint)]
    return Content.assemble(*parts)


def lines(*parts: Content | str) -> Content:
    """Return parts one under the other."""
    return Content("\n").join([part if isinstance(part, Content) else Content(part) for part in parts])
