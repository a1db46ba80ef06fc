"""The least that a Textual app can be: what the wizard's first paint is held against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Label


class BareApp(App[None]):
    """One word."""

    def compose(self) -> ComposeResult:
        yield Label("ready")


if __name__ == "__main__":
    BareApp().run()
