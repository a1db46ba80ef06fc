"""The run: tables, steps of the chosen one, speed, log. The app owns the run; this only looks, ten times a second."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Log, Sparkline

from ddbtui.engine.snapshot import Snapshot
from ddbtui.flow import StepId
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Choice, Question
from ddbtui.screens.run_text import COLUMNS, Tables, event_lines, gates_question, overview, steps_text
from ddbtui.screens.step import StepScreen
from ddbtui.screens.throughput import Throughput
from ddbtui.screens.widgets.plain import Plain, failure
from ddbtui.screens.widgets.virtual_table import VirtualTable
from ddbtui.text import plural, shown


class RunScreen(StepScreen):
    """The sixth step: watching, answering, stopping."""

    step: ClassVar[StepId] = "run"
    question = "The move is at work"
    AUTO_FOCUS = "#run-tables"
    HELP = """Run

Four panes: the tables with their state, the steps of the one under the cursor, speed and time left, and the log.

Some steps wait for you: a shows what is asked. "Not now" leaves the table waiting while the others go on.

s stops the run: calls in flight finish, and it can go on at any time, also after a crash: r here, or \
`ddbtui resume` with the run's id. Jobs that AWS has accepted go on there meanwhile.

You can look at earlier steps (ctrl+b); the run goes on. ctrl+n shows the report once it is over."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next", "Report", id="wizard.next"),
        Binding("a", "gates", "Answer", id="run.gates"),
        Binding("s", "stop", "Stop", id="run.stop"),
        Binding("r", "go_on", "Go on", id="run.resume"),
    ]

    def body(self) -> ComposeResult:
        """Four panes."""
        self.rows = Tables()
        with Horizontal(classes="run-top"):
            yield VirtualTable(COLUMNS, self.rows.cells, id="run-tables")
            with VerticalScroll(classes="run-steps"):
                yield Plain("", classes="steps-text")
        with Horizontal(classes="run-speed"):
            yield Plain("", classes="speed-text")
            yield Sparkline([0.0], classes="speed-line")
        yield Log(max_lines=2000, highlight=False, classes="run-log")

    def on_mount(self) -> None:
        """Watch."""
        self._throughput = Throughput()
        self._seq = 0
        self._asked: set[tuple[str, str]] = set()
        self._asking = False
        self._keys: list[str] = []
        self._was_over = False
        self._had_gates = False
        for selector, title in (
            ("#run-tables", "Tables"),
            (".run-steps", "Steps"),
            (".run-speed", "Speed"),
            (".run-log", "Log"),
        ):
            self.query_one(selector).border_title = title
        self.set_interval(0.1, self._poll)
        self._poll()
        self._follow_log()  # what was logged before is written before there is a size

    def _poll(self) -> None:
        """Take one look."""
        run = self.session.run
        if run is None:
            return
        snapshot = run.snapshot()
        self._throughput.feed(snapshot)
        self._show(snapshot)
        over = run.ended
        if over != self._was_over or bool(snapshot.gates) != self._had_gates:
            self.refresh_bindings()
        self._had_gates = bool(snapshot.gates)
        if over and not self._was_over:
            self._tell_end(snapshot)
        self._was_over = over
        if snapshot.gates and not over and self.is_current:
            fresh = [gate for gate in snapshot.gates if (gate.gate, gate.subject) not in self._asked]
            if fresh and not self._asking:
                self.action_gates()

    def _show(self, snapshot: Snapshot) -> None:
        table = self.query_one("#run-tables", VirtualTable)
        self.rows.take(snapshot)
        keys = self.rows.keys
        if keys != self._keys:
            self._keys = keys
            table.set_keys(keys)
        table.refresh()
        self._show_steps()
        self.query_one(".question", Plain).update(overview(snapshot))
        self.query_one(".speed-text", Plain).update(self._throughput.say(snapshot))
        self.query_one(Sparkline).data = list(self._throughput.series)
        fresh = [event for event in snapshot.events if event.seq > self._seq]
        if fresh:
            self._seq = fresh[-1].seq
            self.query_one(Log).write_lines([line for event in fresh for line in event_lines(event)])

    def _show_steps(self) -> None:
        chains, gates = self.rows.of(self.query_one("#run-tables", VirtualTable).key or "")
        trouble = any(chain.state == "failed" for chain in chains)
        if trouble != self.has_class("-trouble"):
            self.set_class(trouble, "-trouble")
            self._follow_log()
        self.query_one(".steps-text", Plain).update(steps_text(chains, gates))

    def _follow_log(self) -> None:
        """Go to the log's end once the panes have their sizes: only from there does it follow what is logged."""
        log = self.query_one(Log)
        self.call_after_refresh(lambda: log.scroll_end(animate=False) if log.is_attached else None)

    def on_virtual_table_moved(self, message: VirtualTable.Moved) -> None:
        """Show the steps of the row under the cursor."""
        self._show_steps()

    def _tell_end(self, snapshot: Snapshot) -> None:
        self._go_to_trouble()
        run = self.session.run
        if run and run.error:
            self.say(failure(run.error, "the run broke off"))
        elif snapshot.state == "done":
            self.say("✓ Done. ctrl+n shows the report.")
        elif snapshot.state == "different":
            self.say("≠ The copy is not its source: don't use it. r compares again, ctrl+n shows the report.")
        elif snapshot.state == "failed":
            self.say("✗ Some steps failed: r tries them again, ctrl+n shows the report.")
        else:
            self.say(f"The run is {snapshot.state}: r goes on with it, ctrl+n shows the report.")

    def _go_to_trouble(self) -> None:
        """Put the cursor on the first table that failed, unless it is on one."""
        table, failed = self.query_one("#run-tables", VirtualTable), self.rows.failed
        if failed and table.key not in failed:
            table.go_to(failed[0])

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now."""
        run = self.session.run if self.is_attached else None
        if action == "gates":
            return True if run and run.snapshot().gates else None
        if action == "stop":
            return True if run and not run.ended else None
        if action == "go_on":
            return True if run and run.ended and run.state not in ("done", "cancelled") else None
        return super().check_action(action, parameters)

    def action_gates(self) -> None:
        """Ask what waits to be asked."""
        run = self.session.run
        if run and run.snapshot().gates and not self._asking:
            self._asking = True
            self.run_worker(self._ask(), group="gates", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        try:
            run = self.session.run
            assert run is not None
            gates = run.snapshot().gates
            for name in dict.fromkeys(gate.gate for gate in gates):
                same = [gate for gate in gates if gate.gate == name]
                self._asked |= {(gate.gate, gate.subject) for gate in same}
                yes = "Yes, go on" if len(same) == 1 else f"Yes, for all {len(same)}"
                choices = [Choice("no", "Not now"), Choice("yes", yes, danger=True)]
                title = f"{shown(name, 64)}: {plural(len(same), 'question')}"
                answer = await self.app.push_screen_wait(Question(title, gates_question(same), choices))
                if answer and answer.choice == "yes":
                    self.say("")
                    for gate in same:
                        run.grant(gate.gate, gate.subject)
                else:
                    self.say("Left waiting; a asks again.")
        finally:
            self._asking = False

    def action_stop(self) -> None:
        """Stop the run, after asking."""
        self.run_worker(self._stop(), group="stop", exclusive=True, exit_on_error=False)

    async def _stop(self) -> None:
        run = self.session.run
        if run is None or run.ended:
            return
        text = f"Calls in flight finish. Go on with r here, or later with: ddbtui resume {run.run_id}"
        choices = [Choice("stay", "Let it go on"), Choice("stop", "Stop", danger=True)]
        answer = await self.app.push_screen_wait(Question("Stop the run?", text, choices))
        if answer and answer.choice == "stop":
            self.say("▸ stopping: waiting for calls in flight …")
            run.stop()

    def action_go_on(self) -> None:
        """Go on with a run that stopped, waits or failed."""
        self.run_worker(self._go_on(), group="go-on", exclusive=True, exit_on_error=False)

    async def _go_on(self) -> None:
        run = self.session.run
        if run is None or not run.ended:
            return
        run_id, service = run.run_id, self.session.service
        self.say("▸ going on …")
        try:
            self.session.run = await in_thread(lambda: service.resume(run_id, interactive=True))
        except Exception as error:
            self.say(failure(error))
            return
        self._asked.clear()
        self._was_over = False
        self.say("")
        self.refresh_bindings()
