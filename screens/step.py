"""What all seven steps share: the frame, the keys, and moving on and back.

Next and Back work only once the screen stands (`armed`): in a real terminal a fast second key reaches a screen before
it is composed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Footer, Input

from ddbtui.draft import Reason
from ddbtui.flow import STEPS, StepId
from ddbtui.screens.widgets.accounts_bar import AccountsBar
from ddbtui.screens.widgets.plain import Plain
from ddbtui.screens.widgets.rail import TITLES, Rail

if TYPE_CHECKING:
    from ddbtui.screens.app import DdbtuiApp
    from ddbtui.screens.session import Session

ARM_AFTER = 0.15
"""Seconds between a screen's first paint and the moment when Next and Back work."""
LEAST = (60, 20)


class StepScreen(Screen[None]):
    """One question of the wizard.

    Class attributes:
        step: which one.
        question: the line on top.
        next_label: what Next is called in the footer and the palette.
    """

    step: ClassVar[StepId]
    question: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next", "Next", id="wizard.next"),
        Binding("ctrl+b", "back", "Back", id="wizard.back"),
        Binding("escape", "leave", "Back", show=False, id="wizard.leave"),
        Binding("ctrl+s", "save_plan", "Save plan", show=False, id="wizard.save"),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="wizard.help"),
        *[Binding(str(n), f"go('{step}')", f"Go to {TITLES[step]}", show=False) for n, step in enumerate(STEPS, 1)],
    ]

    def __init__(self) -> None:
        super().__init__()
        self.armed = False
        self._refused = False

    @property
    def wizard(self) -> DdbtuiApp:
        """The app, by its type."""
        return cast("DdbtuiApp", self.app)

    @property
    def session(self) -> Session:
        """What the wizard knows."""
        return self.wizard.session

    def compose(self) -> ComposeResult:
        """The frame around `body`."""
        yield Plain("", classes="too-small")
        yield AccountsBar(self.session)
        with Horizontal(classes="frame"):
            yield Rail(self.session.flow)
            with Vertical(classes="page"):
                yield Plain(self.question, classes="question")
                with Vertical(classes="body"):
                    yield from self.body()
                yield Plain("", classes="reason")
        yield Footer(compact=True)

    def body(self) -> ComposeResult:
        """The widgets of the question."""
        yield from ()

    def on_screen_resume(self) -> None:
        """Arm the keys once the screen stands."""
        self.set_timer(ARM_AFTER, self._arm)

    def on_screen_suspend(self) -> None:
        """A screen that is covered or on its way out takes no steps."""
        self.armed = False

    def _arm(self) -> None:
        if self.is_current:
            self.armed = True
            self.refresh_bindings()

    def on_resize(self, event: events.Resize) -> None:
        """Say so when there is no room."""
        size = event.size
        small = size.width < LEAST[0] or size.height < LEAST[1]
        self.set_class(small, "-too-small")
        self.query_one(".too-small", Plain).update(
            f"This terminal has {size.width} columns and {size.height} rows.\n"
            f"ddbtui needs at least {LEAST[0]} columns and {LEAST[1]} rows."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Next, Back and the rest wait until the screen is armed; None greys them in the footer."""
        if action in ("next", "back", "leave", "go"):
            return True if self.armed else None
        return super().check_action(action, parameters)

    # Moving

    async def action_next(self) -> None:
        """Go on if the answer is valid; else say why not and go to the field that it is about."""
        if not self.armed:
            return
        self.keep_answers()
        found = self.session.reasons()
        if found:
            self.show_reasons(found)
            return
        self.armed = False
        self.wizard.show_step(self.session.flow.next())

    async def action_back(self) -> None:
        """Go one step back; answers stay."""
        if not self.armed:
            return
        if self.session.flow.current == STEPS[0]:
            await self.wizard.action_quit()
            return
        self.armed = False
        self.keep_answers()
        self.wizard.show_step(self.session.flow.back())

    async def action_leave(self) -> None:
        """Escape: first out of a text field, then one step back (never out of the program)."""
        if isinstance(self.focused, Input):
            self.leave_field(self.focused)
        elif self.session.flow.current != STEPS[0]:
            await self.action_back()

    def leave_field(self, field: Input) -> None:
        """Escape in a text field: on to the next widget."""
        self.focus_next()

    async def action_go(self, step: StepId) -> None:
        """Go to a step that was reached before."""
        if not self.armed or step == self.step:
            return
        self.keep_answers()
        if self.session.flow.can_go(step):
            self.armed = False
            self.wizard.show_step(self.session.flow.at(step))
        else:
            self.say(f"{TITLES[step]} comes later: answer this step first (ctrl+n).")

    async def on_rail_chosen(self, message: Rail.Chosen) -> None:
        """A click on the rail."""
        await self.action_go(message.step)

    # What subclasses fill in

    def keep_answers(self) -> None:
        """Put what the widgets hold into the draft; called before every move and save."""

    def plan_saved(self) -> None:
        """The plan was saved as a file."""

    def focus_for(self, where: str) -> None:
        """Put the focus on the widget that a reason is about."""
        with suppress(NoMatches):
            self.query_one(f"#{where}").focus()

    # Saying things

    def show_reasons(self, found: tuple[Reason, ...]) -> None:
        """Say why there is no going on, and focus the first place."""
        self._say_reasons(found)
        self.focus_for(found[0].where)

    def _say_reasons(self, found: tuple[Reason, ...]) -> None:
        more = f"  (and {len(found) - 1} more)" if len(found) > 1 else ""
        self.say(Content.assemble(("✗ ", "bold $text-error"), f"{found[0].text}{more}") if found else "")
        self._refused = bool(found)

    def say(self, text: str | Content) -> None:
        """Show one line under the question's widgets; empty hides it."""
        self._refused = False
        line = self.query_one(".reason", Plain)
        line.update(text)
        line.display = bool(text)

    def refresh_frame(self) -> None:
        """Show the accounts, the rail and what still stands in the way as they are now."""
        if self._refused:
            self._say_reasons(self.session.reasons())
        self.query_one(AccountsBar).update_lines()
        self.query_one(Rail).show(self.session.flow)

    def action_help(self) -> None:
        """Explain this screen."""
        self.wizard.show_help(self)

    async def action_save_plan(self) -> None:
        """Save the plan as a file."""
        self.keep_answers()
        self.wizard.save_plan()
