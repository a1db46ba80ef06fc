"""A checkbox whose sign, not only its colour, tells whether it is ticked."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox


class Box(Checkbox):
    """Shows `[x]` or `[ ]`. Takes its label as it is, without markup."""

    def __init__(self, label: str, value: bool = False, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(Content(label), value, id=id, classes=classes, compact=True)

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")
