"""Which tables: names as they come in, a filter, patterns, and all that describes the one under the cursor."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input

from ddbtui.flow import StepId
from ddbtui.plan.model import TABLE_NAME, TABLE_PATTERN, TableChoice
from ddbtui.screens.background import in_thread
from ddbtui.screens.choices import Choices
from ddbtui.screens.confirm import Ask
from ddbtui.screens.describe import describe
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets.plain import Plain, failure
from ddbtui.screens.widgets.virtual_table import Column, VirtualTable
from ddbtui.text import plural, shown, size

COLUMNS = (
    Column("Table", 14, flexible=True),
    Column("Items", 9),
    Column("Size", 9),
    Column("In target", 12),
)


class TablesScreen(StepScreen):
    """The second question."""

    step: ClassVar[StepId] = "tables"
    question = "Which tables should move?"
    AUTO_FOCUS = "#tables"
    HELP = """Tables

All tables of the source account and region. Choose with space; a, n and i choose all, none and the others among those \
shown. / filters: a part of the name, a pattern with * and ?, or with a leading ! what must not match.

p adds a pattern, e.g. shop-*: the plan then stands for every table that matches when it runs. A pattern is a row of \
its own on top; space takes it away.

t gives the table under the cursor another name in the target. The pane shows the inventory, which is read only for \
tables in sight or chosen; r reads again what failed."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="tables.filter"),
        Binding("a", "choose('all')", "All", id="tables.all"),
        Binding("n", "choose('none')", "None", show=False, id="tables.none"),
        Binding("i", "choose('invert')", "Invert", show=False, id="tables.invert"),
        Binding("p", "add_pattern", "Pattern", id="tables.pattern"),
        Binding("t", "rename", "New name", id="tables.rename"),
        Binding("r", "retry", "Read again", show=False, id="tables.retry"),
    ]

    def body(self) -> ComposeResult:
        """Filter, names and details."""
        yield Input(placeholder="/ filters, e.g. orders, shop-*, !test", id="filter", compact=True, classes="filter")
        with Horizontal(classes="tables-panes"):
            yield VirtualTable(COLUMNS, self._cells, self._mark, self._tone, id="tables")
            with VerticalScroll(classes="details"):
                yield Plain("", classes="details-text")
        yield Plain("", classes="summary")

    def on_mount(self) -> None:
        """List the names, unless they are there already."""
        self.choices = Choices(self.session.draft.tables)
        self._seen = (-1, -1)
        self._count_shown = -1
        self._resting: Timer | None = None
        self._counts: dict[str, int] = {}
        if self.session.enter_source() or not self.session.names.complete:
            self._list_names()
        self.set_interval(0.1, self._poll)
        self._poll()

    @work(group="names", exclusive=True, exit_on_error=False)
    async def _list_names(self) -> None:
        await in_thread(partial(self.session.read_names, self.session.names))

    def _poll(self) -> None:
        """Take in pages and inventories that came since the last look."""
        names, inventory = self.session.names, self.session.inventory
        if len(names) != self._count_shown:
            self._count_shown = len(names)
            self._refill()
        seen = (inventory.version, len(names) + (names.complete or bool(names.error)))
        if seen != self._seen:
            self._seen = seen
            self.query_one(VirtualTable).refresh()
            self._show_summary()
            self._show_details()

    def _refill(self) -> None:
        names = self.session.names.all()
        self._counts = {p: sum(TableChoice(name=p).matches(name) for name in names) for p in self.choices.patterns}
        self.query_one(VirtualTable).set_keys([*self.choices.patterns, *names])
        self._want()

    def _want(self) -> None:
        """Ask for the inventories that matter now: under the cursor, in sight, chosen."""
        table = self.query_one(VirtualTable)
        keys = [table.key] if table.key else []
        keys += table.visible_keys() + [name for name in self.session.chosen_names() if name not in keys]
        self.session.inventory.want([key for key in dict.fromkeys(keys) if key not in self.choices.patterns])

    # The rows

    def _mark(self, key: str) -> str:
        if key in self.choices.patterns or key in self.choices.exact:
            return "[x]"
        return "[*]" if self.choices.by_pattern(key) else "[ ]"

    def _tone(self, key: str) -> str:
        return "good" if self._mark(key) != "[ ]" else ""

    def _cells(self, key: str) -> tuple[str, str, str, str]:
        if key in self.choices.patterns:
            return f"{key}  (pattern)", plural(self._counts.get(key, 0), "table"), "", ""
        table = self.session.inventory.found.get(key)
        new_name = self.choices.exact.get(key) or ""
        if table is None:
            return shown(key), "unread" if key in self.session.inventory.errors else "…", "", new_name
        return shown(key), f"{table.item_count:,}", size(table.size_bytes), new_name

    def on_virtual_table_moved(self, message: VirtualTable.Moved) -> None:
        """Show what is under the cursor, once it rests."""
        if self._resting:
            self._resting.stop()
        self._resting = self.set_timer(0.1, self._rested)

    def _rested(self) -> None:
        self._want()
        self._show_details()

    def on_virtual_table_toggled(self, message: VirtualTable.Toggled) -> None:
        """Choose a row or take it back."""
        was_pattern = message.key in self.choices.patterns
        self.choices.toggle(message.key)
        if was_pattern:
            self._refill()
        else:
            self.query_one(VirtualTable).action_move(1)
        self._chosen()

    def on_virtual_table_selected(self, message: VirtualTable.Selected) -> None:
        """Enter chooses, too."""
        self.on_virtual_table_toggled(VirtualTable.Toggled(message.key))

    def _chosen(self) -> None:
        self.keep_answers()
        self.say("")
        self.refresh_frame()
        self.query_one(VirtualTable).refresh()
        self._want()
        self._show_summary()

    def keep_answers(self) -> None:
        """Put the choices into the draft."""
        self.session.update(replace(self.session.draft, tables=self.choices.in_order(self.session.names.all())))

    # Keys

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one("#filter", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        self.query_one(VirtualTable).set_filter(event.value.strip())
        self._show_summary()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps the filter and goes to the rows."""
        self.query_one(VirtualTable).focus()

    def leave_field(self, field: Input) -> None:
        """Escape takes the filter away and goes to the rows."""
        field.value = ""
        self.query_one(VirtualTable).focus()

    def action_choose(self, which: str) -> None:
        """Choose all, none or the others of the rows shown."""
        self.choices.choose(
            which, [key for key in self.query_one(VirtualTable).view if key not in self.choices.patterns]
        )
        self._chosen()

    @work(group="ask", exclusive=True, exit_on_error=False)
    async def action_add_pattern(self) -> None:
        """Add a pattern; the filter is the first proposal."""

        def problem(text: str) -> str:
            if not re.fullmatch(TABLE_PATTERN, text):
                return "a pattern holds a-z, A-Z, 0-9, '_', '-', '.', and * or ?"
            return "" if any(char in text for char in "*?[") else "a pattern needs a * or a ?, e.g. shop-*"

        typed = self.query_one("#filter", Input).value.strip()
        start = typed if not typed or "*" in typed or "?" in typed else f"*{typed}*"
        hint = "Every table that matches when the plan runs, e.g. shop-*"
        pattern = await self.app.push_screen_wait(Ask("Add a pattern", hint, start, problem))
        if pattern:
            self.choices.add_pattern(pattern)
            self._refill()
            self._chosen()

    @work(group="ask", exclusive=True, exit_on_error=False)
    async def action_rename(self) -> None:
        """Give the table under the cursor another name in the target."""
        key = self.query_one(VirtualTable).key
        if key is None or key in self.choices.patterns:
            return

        def problem(text: str) -> str:
            fits = not text or re.fullmatch(TABLE_NAME, text)
            return "" if fits else "a table name has 3 to 255 characters out of a-z, A-Z, 0-9, '_', '-' and '.'"

        start = self.choices.exact.get(key) or key
        title = f"Name of {shown(key, 60)} in the target account"
        name = await self.app.push_screen_wait(Ask(title, "Enter keeps it; empty means the same name.", start, problem))
        if name is not None:
            self.choices.rename(key, name)
            self._chosen()

    def action_retry(self) -> None:
        """Read again what could not be read."""
        if self.session.names.error or not self.session.names.complete:
            self._seen = (-1, -1)
            self._list_names()
        self.session.inventory.want(list(self.session.inventory.errors), retry=True)

    # Panes

    def _show_summary(self) -> None:
        names, table = self.session.names, self.query_one(VirtualTable)
        if names.error:
            self.query_one(".summary", Plain).update(Content.assemble(failure(names.error), "  (r tries again)"))
            return
        chosen, read = self.session.chosen_names(), self.session.chosen_tables()
        known = f", {size(sum(t.size_bytes for t in read))}" if read and len(read) == len(chosen) else ""
        listing = "" if names.complete else "  ▸ listing …"
        rows = len(table.view) - sum(key in self.choices.patterns for key in table.view)
        text = f"{plural(len(chosen), 'table')} chosen{known} · {rows:,} of {len(names):,} shown{listing}"
        self.query_one(".summary", Plain).update(text)

    def _why_none(self) -> str:
        names = self.session.names
        if names.error:
            return "The tables could not be listed: the reason stands below."
        return "No table." if names.complete else "▸ listing the tables …"

    def _show_details(self) -> None:
        key, pane = self.query_one(VirtualTable).key, self.query_one(".details-text", Plain)
        inventory = self.session.inventory
        if key is None:
            pane.update(self._why_none())
        elif key in self.choices.patterns:
            pane.update(f"{key} stands for every table that matches when the plan runs. Space takes it away.")
        elif key in inventory.errors:
            pane.update(Content.assemble(failure(inventory.errors[key]), "\n(r tries again)"))
        elif key not in inventory.found:
            pane.update(Content.assemble((shown(key), "bold"), "\n▸ reading …"))
        else:
            rows = [Content.assemble((shown(key), "bold"))]
            rows += [
                Content.assemble((f"{label}: ", "$text-muted"), text) for label, text in describe(inventory.found[key])
            ]
            pane.update(Content("\n").join(rows))
