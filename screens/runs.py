"""All runs: go on with one, look at one, give one up, clean up after one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer

from ddbtui.engine.snapshot import UNFINISHED
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Choice, Question
from ddbtui.screens.report_text import report_text
from ddbtui.screens.widgets.plain import MARKS, Plain, failure
from ddbtui.screens.widgets.virtual_table import Column, VirtualTable
from ddbtui.text import plural, shown

if TYPE_CHECKING:
    from ddbtui.screens.app import DdbtuiApp
    from ddbtui.service import RunInfo

COLUMNS = (
    Column("Run", 11),
    Column("State", 11),
    Column("Started (UTC)", 16),
    Column("Tables", 20, flexible=True),
)


class RunsScreen(Screen[None]):
    """The list of runs, on top of the wizard."""

    AUTO_FOCUS = "#runs"
    HELP = """Runs

Every run of this computer, newest first. enter shows what became of one. r goes on with one that stopped, waits or \
failed. x gives one up for good. c removes what a run left in the accounts: staging goes, a table only if you say so."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "inspect", "Look", show=False),
        Binding("r", "resume", "Resume", id="runs.resume"),
        Binding("c", "clean_up", "Clean up", id="runs.clean-up"),
        Binding("x", "give_up", "Give up", id="runs.cancel"),
        Binding("f5", "reload", "Read again", id="runs.reload"),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="wizard.help"),
        Binding("escape,ctrl+b", "close", "Back", key_display="esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._infos: dict[str, RunInfo] = {}

    @property
    def _wizard(self) -> DdbtuiApp:
        return cast("DdbtuiApp", self.app)

    def compose(self) -> ComposeResult:
        """The list, and one in full."""
        yield Plain("Runs", classes="question")
        yield VirtualTable(COLUMNS, self._cells, id="runs")
        with VerticalScroll(classes="details"):
            yield Plain("▸ reading …", classes="details-text")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Read the journal."""
        self.action_reload()

    def action_reload(self) -> None:
        """Read the journal again."""
        self.run_worker(self._load(), group="runs", exclusive=True, exit_on_error=False)

    async def _load(self) -> None:
        try:
            runs = await in_thread(self._wizard.session.service.runs)
        except Exception as error:
            self._say(failure(error))
            return
        self._infos = {run.run_id: run for run in runs}
        self.query_one(VirtualTable).set_keys(self._infos)
        self.query_one(VirtualTable).refresh()
        self._show()

    def _cells(self, key: str) -> tuple[str, str, str, str]:
        run = self._infos[key]
        count = f"{plural(len(run.tables), 'table')}: {', '.join(run.tables)}"
        state = f"{MARKS[run.state][0]} {run.state}"
        return shown(run.run_id), state, f"{run.started:%Y-%m-%d %H:%M}", shown(count)

    def _say(self, text: Content | str) -> None:
        self.query_one(".details-text", Plain).update(text)

    def _chosen(self) -> RunInfo | None:
        key = self.query_one(VirtualTable).key
        return self._infos.get(key) if key else None

    def on_virtual_table_moved(self, message: VirtualTable.Moved) -> None:
        """Show the run under the cursor."""
        self._show()

    def _show(self) -> None:
        run = self._chosen()
        if run is None:
            self._say("There are no runs yet.")
            return
        holder = "" if run.holder is None else "\nAnother process is carrying it out."
        self._say(
            f"{shown(run.source)} → {shown(run.target)} with {shown(run.method)}\n"
            f"{plural(len(run.tables), 'table')}: {shown(', '.join(run.tables))}{holder}\n\n"
            "enter shows what became of it."
        )

    def on_virtual_table_selected(self, message: VirtualTable.Selected) -> None:
        """Enter on a row."""
        self.action_inspect()

    def action_inspect(self) -> None:
        """Show what became of the run."""
        run = self._chosen()
        if run:
            self.run_worker(self._inspect(run.run_id), group="inspect", exclusive=True, exit_on_error=False)

    async def _inspect(self, run_id: str) -> None:
        from ddbtui.reporting.report import report_of

        service = self._wizard.session.service
        self._say("▸ reading …")
        try:
            snapshot = await in_thread(lambda: service.snapshot(run_id))
            plan = await in_thread(lambda: service.plan_of(run_id))
            left = await in_thread(lambda: service.resources(run_id))
        except Exception as error:
            self._say(failure(error))
            return
        report = report_of(snapshot, plan, [entry.resource for entry in left])
        self._say(report_text(report, self._wizard.session.method(plan.method.type), None))

    def action_resume(self) -> None:
        """Go on with the run."""
        run = self._chosen()
        if run is None or run.state not in UNFINISHED:
            self._say("Only a run that is not finished can go on.")
        elif self._wizard.session.run_going:
            self._say("A run is at work here already; stop it first.")
        else:
            # The app's worker, since this screen goes away while it is at work.
            self.app.run_worker(
                self._wizard.resume_run(run.run_id), group="resume", exclusive=True, exit_on_error=False
            )

    def action_give_up(self) -> None:
        """Give the run up for good, after asking."""
        run = self._chosen()
        if run is None or run.state not in UNFINISHED:
            self._say("Only a run that is not finished can be given up.")
        else:
            self.run_worker(self._give_up(run), group="give-up", exclusive=True, exit_on_error=False)

    async def _give_up(self, run: RunInfo) -> None:
        told = "It can't go on afterwards. AWS is asked to stop its jobs; those that it can't cancel go on."
        text = f"{_about(run)}\n\n{told}"
        choices = [Choice("no", "No"), Choice("yes", "Give it up", danger=True)]
        answer = await self.app.push_screen_wait(Question(f"Give up run {shown(run.run_id)}?", text, choices))
        if answer is None or answer.choice != "yes":
            return
        try:
            self._say("▸ giving up …")
            said = await in_thread(lambda: self._wizard.session.service.cancel(run.run_id))
        except Exception as error:
            self._say(failure(error))
            return
        await self._load()
        self._say(f"Given up. {shown(said, 3000) + '. ' if said else ''}c removes what it left in the accounts.")

    def action_clean_up(self) -> None:
        """Remove what the run left, after asking."""
        run = self._chosen()
        if run is None or run.state in UNFINISHED:
            self._say("Only after a run that is over can be cleaned up: resume it (r) or give it up (x) first.")
        else:
            self.run_worker(self._clean_up(run), group="clean-up", exclusive=True, exit_on_error=False)

    async def _clean_up(self, run: RunInfo) -> None:
        from ddbtui.reporting.report import resource_in_words

        service = self._wizard.session.service
        try:
            left = [entry.resource for entry in await in_thread(lambda: service.resources(run.run_id))]
            going, asked = ([r for r in left if r.fate == fate] for fate in ("remove", "ask"))
            if not going and not asked:
                self._say("This run left nothing that could be cleaned up.")
                return
            rows = [Content(_about(run)), Content("These go:" if going else "Nothing goes by itself.")]
            rows += [Content(f"• {resource_in_words(r)}") for r in going]
            boxes = [
                (str(number), f"also {r.side} {shown(r.kind)} {_last_name(r.name)}") for number, r in enumerate(asked)
            ]
            choices = [Choice("no", "No"), Choice("yes", "Clean up", danger=True)]
            title = f"Clean up after run {shown(run.run_id)}?"
            answer = await self.app.push_screen_wait(Question(title, Content("\n").join(rows), choices, boxes))
            if answer is None or answer.choice != "yes":
                return
            consents = [asked[int(number)].name for number in answer.ticked]
            self._say("▸ cleaning up …")
            done = await in_thread(lambda: service.clean_up(run.run_id, consents))
        except Exception as error:
            self._say(failure(error))
            return
        words = {resource.name: resource_in_words(resource) for resource in left}
        rows = [Content(f"removed: {words[name]}") for name in done.removed]
        rows += [Content(f"kept: {words[name]}") for name in done.kept]
        rows += [Content(f"✗ not removed: {words[name]}: {shown(why, 1000)}") for name, why in done.failed]
        self._say(Content("\n").join(rows) if rows else "Nothing was left.")

    def action_help(self) -> None:
        """Explain this screen."""
        self._wizard.show_help(self)

    def action_close(self) -> None:
        """Back to the wizard."""
        self.dismiss()


def _last_name(name: str) -> str:
    """What tells it from others, in a line that may be cut: of an ARN, its end."""
    return shown(name.rsplit("/", 1)[-1] if name.startswith("arn:") else name)


def _about(run: RunInfo) -> str:
    names = ", ".join(run.tables[:8]) + (f" and {len(run.tables) - 8} more" if len(run.tables) > 8 else "")
    return f"From account {shown(run.source)}\nto account   {shown(run.target)}\ntables       {shown(names)}"
