"""Which way: every method with its verdict and price, the options of the chosen one, and the settings of the move."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Select, TabbedContent, TabPane

from ddbtui.flow import StepId
from ddbtui.methods.base import Method
from ddbtui.plan.model import CARRY_OVER, TargetTable
from ddbtui.prompts.asker import Choice
from ddbtui.prompts.offers import OFFERS
from ddbtui.screens.background import in_thread
from ddbtui.screens.chooser import Chooser
from ddbtui.screens.method_text import method_text, verdict, what_is_read
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets.box import Box
from ddbtui.screens.widgets.options_form import Field, OptionsForm
from ddbtui.screens.widgets.plain import Plain, failure
from ddbtui.screens.widgets.virtual_table import Column, VirtualTable

COLUMNS = (Column("Method", 15), Column("Verdict", 14, flexible=True))
PROOFS = (
    ("every item, by digest", "digest"),
    ("item counts only", "counts"),
    ("none", "off"),
)
CLEAN_UPS = (("remove what was only staging", "staging"), ("keep everything", "nothing"))
ENCRYPTIONS = (("AWS-owned key", "aws-owned"), ("AWS-managed key", "aws-managed"), ("KMS key, by ARN", "key"))
BILLINGS = (("as the source", "as-source"), ("on demand", "on-demand"))


class MethodScreen(StepScreen):
    """The third question."""

    step: ClassVar[StepId] = "method"
    question = "Which way should they go?"
    AUTO_FOCUS = "#methods"
    HELP = """Method

Every method with its verdict for the tables that you chose, and the reasons. The pane tells what it keeps and loses, \
and what it will cost and take. What is greyed is not available yet. Enter chooses.

f3 has the options of the chosen method and of the new tables: where an export is staged, which key encrypts. Where a \
field has a list beside it, enter there shows what AWS has, to choose from.
f4 has what is re-applied to the new tables, how the copy is proven, and what is removed at the end.

Figures are AWS's list prices of us-east-1 and ranges from AWS's own statements; no promise."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "tab('tab-methods')", "Methods", id="method.methods"),
        Binding("f3", "tab('tab-options')", "Options", id="method.options"),
        Binding("f4", "tab('tab-settings')", "Settings", id="method.settings"),
        Binding("f5", "retry", "Read again", show=False, id="method.retry"),
    ]

    def body(self) -> ComposeResult:
        """Three tabs."""
        with TabbedContent(id="method-tabs"):
            with TabPane("Methods (f2)", id="tab-methods"), Horizontal(classes="method-panes"):
                yield VirtualTable(COLUMNS, self._cells, tone=self._tone, id="methods")
                with VerticalScroll(classes="details"):
                    yield Plain("", classes="details-text")
            with TabPane("Options (f3)", id="tab-options"), VerticalScroll(can_focus=False):
                yield Vertical(id="method-options")
                yield from self._target_table()
            with TabPane("Settings (f4)", id="tab-settings"), VerticalScroll(can_focus=False):
                yield from self._settings()
        yield Plain("", classes="summary")

    def _target_table(self) -> ComposeResult:
        target = self.session.draft.target_table
        kind = target.encryption if target.encryption in ("aws-owned", "aws-managed") else "key"
        yield Plain("New tables", classes="heading")
        with Horizontal(classes="field"):
            yield Plain("encryption", classes="label")
            yield Select(ENCRYPTIONS, value=kind, allow_blank=False, id="target-encryption", compact=True)
        with Horizontal(classes="field", id="target-key-field"):
            yield Plain("key ARN", classes="label")
            yield Input(target.encryption if kind == "key" else "", id="option-target_table-encryption", compact=True)
        with Horizontal(classes="field"):
            yield Plain("billing", classes="label")
            yield Select(
                BILLINGS, value=target.billing, allow_blank=False, id="option-target_table-billing", compact=True
            )

    def _settings(self) -> ComposeResult:
        draft = self.session.draft
        with Horizontal(classes="field"):
            yield Plain("proof", classes="label")
            yield Select(PROOFS, value=draft.proof, allow_blank=False, id="proof", compact=True)
        with Horizontal(classes="field"):
            yield Plain("clean-up", classes="label")
            yield Select(CLEAN_UPS, value=draft.clean_up, allow_blank=False, id="clean-up", compact=True)
        yield Plain("Settings to re-apply to the new tables (space)", classes="heading")
        kept = CARRY_OVER if draft.carry_over == "all" else draft.carry_over
        with Grid(id="carry-over"):
            for name in CARRY_OVER:
                yield Box(name, name in kept, id=f"carry-{name}")

    async def on_mount(self) -> None:
        """Read what is still missing, and show the methods."""
        self._seen = -1
        self._fill_methods()
        await self._fill_options()
        self._show_key_field()
        self._read_inventories()
        self.set_interval(0.1, self._poll)

    # The inventories that verdicts stand on

    def _read_inventories(self, retry: bool = False) -> None:
        self.run_worker(self._reading(retry), group="inventories", exclusive=True, exit_on_error=False)

    async def _reading(self, retry: bool) -> None:
        session = self.session
        session.enter_source()
        names = session.names
        if any(choice.is_pattern for choice in session.draft.tables) and not names.complete:
            await in_thread(lambda: session.read_names(names))
        session.inventory.want(session.chosen_names(), retry=retry)
        self._seen = -1

    def action_retry(self) -> None:
        """Read again what could not be read."""
        self._read_inventories(retry=True)

    def _poll(self) -> None:
        if self._seen != self.session.inventory.version:
            self._seen = self.session.inventory.version
            self._fill_methods()
            self._show_summary()

    def _show_summary(self) -> None:
        said = what_is_read(self.session.chosen_names(), self.session.inventory, self.session.draft.method)
        self.query_one(".summary", Plain).update(said)

    # The methods

    def _cells(self, key: str) -> tuple[str, str]:
        method = self.session.method(key)
        assert method is not None
        sign = "●" if key == self.session.draft.method else " "
        return f"{sign} {key}", verdict(method, self.session.chosen_tables())[1]

    def _tone(self, key: str) -> str:
        method = self.session.method(key)
        return verdict(method, self.session.chosen_tables())[0] if method else ""

    def _fill_methods(self) -> None:
        rows, ids = self.query_one("#methods", VirtualTable), [method.id for method in self.session.methods]
        if not rows.view:
            rows.set_keys(ids)
            rows.go_to(self.session.draft.method)
        rows.refresh()
        self._show_method()

    def _highlighted(self) -> Method | None:
        return self.session.method(self.query_one("#methods", VirtualTable).key or "")

    def _show_method(self) -> None:
        method = self._highlighted()
        if method:
            draft = self.session.draft
            self.query_one(".details-text", Plain).update(
                method_text(method, self.session.chosen_tables(), draft.tables)
            )

    def on_virtual_table_moved(self, message: VirtualTable.Moved) -> None:
        """Tell of the method under the cursor."""
        self._show_method()

    async def on_virtual_table_selected(self, message: VirtualTable.Selected) -> None:
        """Choose a method."""
        method = self.session.method(message.key)
        if method is None:
            return
        if not method.available:
            self.say(f"{method.title} is not available yet.")
            return
        self.keep_answers()
        options = self.session.draft.options.get(method.id, {})
        self.session.update(self.session.draft.with_options(method.id, options))
        self.say("")
        self._seen = -1
        await self._fill_options()
        self.refresh_frame()
        self.action_tab("tab-options")

    # Options and settings

    async def _fill_options(self) -> None:
        holder, draft = self.query_one("#method-options", Vertical), self.session.draft
        method = self.session.method(draft.method)
        await holder.remove_children()
        if method is None:
            await holder.mount(Plain("Choose a method first (f2)."))
            return
        known = {
            f"{name}_{what}": value
            for name, side in (("source", draft.source), ("target", draft.target))
            for what, value in (("account_id", side.pin), ("region", side.aws_region))
        }
        title = Plain(method.title, classes="heading")
        await holder.mount(title, OptionsForm(method.options, draft.options.get(method.id, {}), known))

    def on_options_form_choose(self, message: OptionsForm.Choose) -> None:
        """Ask AWS what there is to choose from."""
        self.keep_answers()
        self.say(f"▸ asking AWS for {message.field.label}s …")
        self.run_worker(self._choosing(message.field), group="choosing", exclusive=True, exit_on_error=False)

    async def _choosing(self, field: Field) -> None:
        session = self.session
        try:
            choices = await in_thread(lambda: OFFERS[field.choose](session.service, session.draft, session.models))
        except Exception as error:  # whatever it is: the field can still be filled in by hand
            self.say(failure(error))
            return
        self.say("")
        if self.is_current:
            self._offer(field, choices)

    def _offer(self, field: Field, choices: list[Choice]) -> None:
        def take(value: str | None) -> None:
            forms = self.query(OptionsForm)
            if value is not None and forms:
                forms.first().put(field, value)

        self.app.push_screen(Chooser(f"Choose: {field.label}", choices), take)

    def on_select_changed(self, event: Select.Changed) -> None:
        """The key's ARN is asked for only where it is needed."""
        self._show_key_field()

    def _show_key_field(self) -> None:
        self.query_one("#target-key-field").display = self.query_one("#target-encryption", Select).value == "key"

    def keep_answers(self) -> None:
        """Put everything into the draft; what doesn't fit yet is told by Next."""
        draft = self.session.draft
        forms = self.query(OptionsForm)
        if forms and draft.method:
            draft = draft.with_options(draft.method, forms.first().values())
        ordered = tuple(name for name in CARRY_OVER if self.query_one(f"#carry-{name}", Box).value)
        draft = replace(
            draft,
            target_table=self._kept_target_table(),
            carry_over="all" if ordered == CARRY_OVER else ordered,
            proof=str(self.query_one("#proof", Select).value),
            clean_up=str(self.query_one("#clean-up", Select).value),
        )
        self.session.update(draft)

    def _kept_target_table(self) -> TargetTable:
        kind = str(self.query_one("#target-encryption", Select).value)
        key_arn = self.query_one("#option-target_table-encryption", Input).value.strip()
        billing = cast(
            "Literal['as-source', 'on-demand']", self.query_one("#option-target_table-billing", Select).value
        )
        # Unchecked on purpose: Next validates the whole plan and names the field.
        return TargetTable.model_construct(encryption=key_arn if kind == "key" else kind, billing=billing)

    def action_tab(self, tab: str) -> None:
        """Show a tab and go to its first field."""
        self.query_one("#method-tabs", TabbedContent).active = tab
        first = {"tab-methods": "#methods", "tab-settings": "#proof"}.get(tab, "#method-options Input")
        found = self.query(first)
        if found:
            self._focus_shown(found.first(Widget))

    def _focus_shown(self, widget: Widget, tries: int = 20) -> None:
        """Focus a widget once its tab is shown, which takes the tabs a few messages."""
        if widget.focusable or not tries:
            widget.focus()
        else:
            self.set_timer(0.02, lambda: self._focus_shown(widget, tries - 1))

    def focus_for(self, where: str) -> None:
        """Open the tab that a reason is about, and focus the field."""
        field = where.replace(".", "-")
        fields = [one for one in self.query("Input, Select") if one.id and _is_about(one.id, field)]
        rows = self.query_one("#methods", VirtualTable)
        if not fields:
            rows.go_to(self.session.draft.method)  # the pane says why it won't do
        widget: Widget = fields[0] if fields else rows
        pane = next((node.id for node in widget.ancestors if isinstance(node, TabPane)), "tab-methods")
        self.query_one("#method-tabs", TabbedContent).active = pane or "tab-methods"
        self._focus_shown(widget)


def _is_about(widget: str, field: str) -> bool:
    """Whether a reason about a field is about this widget, or about several of which it is one."""
    return field.startswith(widget) or widget.startswith(f"{field}-")
