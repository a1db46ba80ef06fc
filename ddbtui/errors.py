"""Exit codes, and the one exception whose message is meant for the user."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the process ends with; scripts rely on these."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PREREQUISITE = 3
    WAITING = 4
    DIFFERENT = 5
    INTERRUPTED = 130


class UserError(Exception):
    """Something that the user can put right.

    Args:
        message: one sentence that says what is wrong and where.
        hint: what to do about it; empty when the message says it all.
        code: the exit code that it ends the command with.
    """

    def __init__(self, message: str, hint: str = "", code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
