"""Who asks: a terminal, or a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Choice:
    """One answer to choose. `refused` says why it can't be chosen; `chosen` whether it is at first."""

    title: str
    value: Any
    refused: str = ""
    chosen: bool = False


class Asker(Protocol):
    """Asks a person. All raise KeyboardInterrupt when the person has had enough."""

    def say(self, text: str) -> None:
        """Tell something."""

    def confirm(self, question: str, default: bool = False) -> bool:
        """Ask for yes or no."""

    def text(self, question: str, default: str = "", check: Callable[[str], str] | None = None) -> str:
        """Ask for a line. `check` returns what is wrong with it, or nothing."""

    def select(self, question: str, choices: Sequence[Choice], default: Any = None) -> Any:
        """Ask for one of several; returns its value."""

    def checkbox(self, question: str, choices: Sequence[Choice], check: Callable[[list[Any]], str]) -> list[Any]:
        """Ask for any number of several; returns their values."""
