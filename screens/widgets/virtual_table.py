"""A list of rows that stays fast with ten thousand of them: only what is in sight is ever built.

Textual's `DataTable` measures every cell and stands still for seconds at that size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip


@dataclass(frozen=True)
class Column:
    """One column: its heading and its width in cells; the flexible one takes what is left."""

    title: str
    width: int
    flexible: bool = False


class VirtualTable(ScrollView, can_focus=True):
    """Rows with a cursor, a filter and, if wanted, several chosen at once.

    Args:
        columns: what each row shows.
        cells: gives a row's texts by its key; called for rows in sight only.
        mark: the sign before a row, e.g. `[x]`; None for a table that only has a cursor.
        tone: `good`, `warn`, `bad`, `muted` or nothing: colours a row, which must say the same in words.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home,g", "jump(0)", "First", show=False),
        Binding("end,G", "jump(-1)", "Last", show=False),
        Binding("space", "mark", "Choose"),
        Binding("enter", "select", "Open", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--cursor", "table--head", "table--good", "table--warn", "table--bad", "table--muted"
    }  # fmt: skip
    DEFAULT_CSS = """
    VirtualTable {
        &:focus > .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .table--cursor { background: $block-cursor-blurred-background; color: $foreground; text-style: bold; }
        & > .table--good { color: $text-success; }
        & > .table--warn { color: $text-warning; }
        & > .table--bad { color: $text-error; }
        & > .table--muted { color: $text-muted; }
        & > .table--head { color: $text-muted; text-style: bold; }
    }
    """
    cursor = reactive(0)

    class Moved(Message):
        """The cursor is on another row, or there is none."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    class Toggled(Message):
        """The user chose a row, or took the choice back."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Selected(Message):
        """Enter or a double click on a row."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[str], Sequence[str]],
        mark: Callable[[str], str] | None = None,
        tone: Callable[[str], str] | None = None,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._cells = cells
        self._mark = mark
        self._tone = tone
        self._keys: list[str] = []
        self._lower: list[str] = []
        self._needle = ""
        self.view: list[str] = []

    def on_mount(self) -> None:
        """Take the first measures."""
        self._measure()

    def set_keys(self, keys: Iterable[str]) -> None:
        """Show these rows; cursor and filter stay where they are if they can."""
        here = self.key
        self._keys = list(keys)
        self._lower = [key.lower() for key in self._keys]
        self._apply(here)

    def set_filter(self, needle: str) -> None:
        """Show only rows that hold `needle`, match it (with * or ?), or with a leading ! do not."""
        self._needle = needle
        self._apply(self.key)

    @property
    def key(self) -> str | None:
        """The row under the cursor."""
        return self.view[self.cursor] if 0 <= self.cursor < len(self.view) else None

    def visible_keys(self) -> list[str]:
        """The rows in sight."""
        top = self.scroll_offset.y
        return self.view[top : top + max(self.size.height - 1, 1)]

    def go_to(self, key: str) -> None:
        """Put the cursor on a row, if it is shown."""
        if key in self.view:
            self.cursor = self.view.index(key)

    def _apply(self, here: str | None) -> None:
        self.view = self._filtered()
        self._measure()
        row = self.view.index(here) if here is not None and here in set(self.view) else 0
        if row == self.cursor:
            self._tell(here)
        self.cursor = row

    def _filtered(self) -> list[str]:
        needle = self._needle.lower()
        wanted = not needle.startswith("!")
        needle = needle.lstrip("!")
        if not needle:
            return list(self._keys)
        pairs = zip(self._keys, self._lower, strict=True)
        if "*" in needle or "?" in needle:
            return [key for key, lower in pairs if fnmatchcase(lower, needle) == wanted]
        return [key for key, lower in pairs if (needle in lower) == wanted]

    def _tell(self, before: str | None) -> None:
        if self.key != before:
            self.post_message(self.Moved(self.key))

    def _measure(self) -> None:
        self.virtual_size = Size(self._least_width, len(self.view) + 1)
        self.refresh()

    @property
    def _width(self) -> int:
        """The columns that a row has: what the scrollbar leaves."""
        return self.scrollable_content_region.width

    @property
    def _least_width(self) -> int:
        return sum(column.width + 1 for column in self._columns) + (4 if self._mark else 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Rows without a mark can't be chosen."""
        return bool(self._mark) if action == "mark" else super().check_action(action, parameters)

    def watch_cursor(self, before: int, after: int) -> None:
        """Keep the cursor in sight and tell where it is."""
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved(self.key))

    def on_resize(self) -> None:
        """The cursor stays in sight where there is less room."""
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        top, rows = self.scroll_offset.y, max(self.size.height - 1, 1)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + rows:
            self.scroll_to(y=self.cursor - rows + 1, animate=False)

    def validate_cursor(self, row: int) -> int:
        """The cursor stays on the rows."""
        return max(0, min(row, len(self.view) - 1))

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight."""
        self.cursor += pages * max(self.size.height - 2, 1)

    def action_jump(self, row: int) -> None:
        """Go to the first or the last row."""
        self.cursor = row if row >= 0 else len(self.view) - 1

    def action_mark(self) -> None:
        """Ask to choose the row, or to take it back, and go on to the next."""
        if self._mark and self.key is not None:
            self.post_message(self.Toggled(self.key))

    def action_select(self) -> None:
        """Ask to open the row."""
        if self.key is not None:
            self.post_message(self.Selected(self.key))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the pointer is; on the mark, choose."""
        offset = event.get_content_offset(self)
        row = offset.y - 1 + self.scroll_offset.y if offset else -1
        if offset is None or offset.y < 1 or row >= len(self.view):
            return
        self.cursor = row
        if self._mark and offset.x < 4:
            self.action_mark()
        elif event.chain == 2:
            self.action_select()

    def render_line(self, y: int) -> Strip:
        """Build one line: the heading, or a row in sight."""
        base = self.rich_style
        if y == 0:
            head = self.get_component_rich_style("table--head")
            return self._strip(
                ("    " if self._mark else " ") + self._join([c.title for c in self._columns]), base + head
            )
        row = y - 1 + self.scroll_offset.y
        if row >= len(self.view):
            return Strip.blank(self._width, base)
        key = self.view[row]
        mark = f"{self._mark(key)} " if self._mark else " "
        style = base
        tone = self._tone(key) if self._tone else ""
        if row == self.cursor:
            style += self.get_component_rich_style("table--cursor")
        elif tone:
            style += self.get_component_rich_style(f"table--{tone}")
        return self._strip(mark + self._join(self._cells(key)), style)

    def _join(self, texts: Sequence[str]) -> str:
        spare = max(self._width - self._least_width, 0)
        widths = [column.width + (spare if column.flexible else 0) for column in self._columns]
        return " ".join(set_cell_size(_cut(text, width), width) for text, width in zip(texts, widths, strict=True))

    def _strip(self, text: str, style: Style) -> Strip:
        left = self.scroll_offset.x
        return Strip([Segment(text, style)]).crop_extend(left, left + self._width, style)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
