"""Asks a person on the terminal, line by line. questionary is imported when the first question is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ddbtui.commands.common import has_terminal
from ddbtui.errors import Exit, UserError
from ddbtui.prompts.asker import Choice
from ddbtui.text import shown


def need_terminal(instead: str) -> None:
    """Refuse where nobody can be asked.

    Args:
        instead: what to do without a terminal.

    Raises:
        UserError: input or output is no terminal.
    """
    if not has_terminal():
        raise UserError("questions need a terminal, and there is none", instead, Exit.USAGE)


def leave_question() -> None:
    """End the question that is being asked with KeyboardInterrupt. To be called by a signal handler."""
    try:
        from prompt_toolkit.application.current import get_app_session
    except ImportError:  # it is just being imported
        raise KeyboardInterrupt from None
    app = get_app_session().app
    if app is None or app.loop is None or not app.is_running:
        raise KeyboardInterrupt  # it is not on the screen yet

    def leave() -> None:
        with suppress(Exception):  # it was answered in the same moment
            app.exit(exception=KeyboardInterrupt)

    # Raised right here it would hit whatever the loop is at, and leave the terminal as it is.
    app.loop.call_soon_threadsafe(leave)


class Terminal:
    """Asks on this process's terminal. Ctrl-C raises KeyboardInterrupt."""

    def say(self, text: str) -> None:
        """Print a line."""
        print(text)

    def confirm(self, question: str, default: bool = False) -> bool:
        """Ask for yes or no."""
        import questionary

        return bool(questionary.confirm(question, default=default).unsafe_ask())

    def text(self, question: str, default: str = "", check: Callable[[str], str] | None = None) -> str:
        """Ask for a line. `check` returns what is wrong with it, or nothing."""
        import questionary

        def valid(answer: str) -> bool | str:
            return (check(answer) if check else "") or True

        return str(questionary.text(question, default=default, validate=valid).unsafe_ask())

    def select(self, question: str, choices: Sequence[Choice], default: Any = None) -> Any:
        """Ask for one of several; returns its value."""
        import questionary

        start = next((choice for choice in choices if choice.value == default and not choice.refused), None)
        made = [_shown_choice(choice) for choice in choices]
        first = made[choices.index(start)] if start else None
        return questionary.select(question, choices=made, default=first).unsafe_ask()

    def checkbox(self, question: str, choices: Sequence[Choice], check: Callable[[list[Any]], str]) -> list[Any]:
        """Ask for any number of several; returns their values. `check` says what is wrong with a selection."""
        import questionary

        def valid(answer: list[Any]) -> bool | str:
            return check(answer) or True

        made = [_shown_choice(choice) for choice in choices]
        return list(questionary.checkbox(question, choices=made, validate=valid).unsafe_ask())


def _shown_choice(choice: Choice) -> Any:
    import questionary

    refused = shown(choice.refused, 200) if choice.refused else None
    return questionary.Choice(shown(choice.title, 200), value=choice.value, disabled=refused, checked=choice.chosen)
