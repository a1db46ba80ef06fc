"""The command line. Imports nothing heavy until a command needs it, and lets no traceback reach a user."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from ddbtui.errors import Exit, UserError
from ddbtui.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

BROKEN_PIPE = 141
"""What a shell reports for a program whose reader went away."""


def main(argv: list[str] | None = None) -> int:
    """Carry out one command.

    Args:
        argv: the arguments without the program's name; those of the process if None.

    Returns:
        The exit code, see `ddbtui.errors.Exit`.

    Raises:
        SystemExit: after `--help`, `--version` and wrong usage.
    """
    from ddbtui.commands.arguments import parse

    for stream in (sys.stdout, sys.stderr):
        _never_fails_to_encode(stream)
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        code = _handler(args.handler)(args)
        sys.stdout.flush()
    except UserError as error:
        _complain(error)
        return int(error.code)
    except KeyboardInterrupt:
        _leave_at_the_next_interrupt()
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        _silence(sys.stdout)
        return BROKEN_PIPE
    except Exception as error:
        return _crashed(error)
    return int(code)


def _handler(name: str) -> Callable[[object], int]:
    from importlib import import_module

    module, _, function = name.partition(":")
    handler: Callable[[object], int] = getattr(import_module(f"ddbtui.commands.{module}"), function)
    return handler


def _complain(error: UserError) -> None:
    lines = [shown(line, 2000) for line in error.message.splitlines()]
    lines += [f"  {shown(line, 2000)}" for line in error.hint.splitlines()]
    with suppress(OSError):
        print("ddbtui: " + "\n".join(lines), file=sys.stderr, flush=True)  # noqa: T201


def _crashed(error: Exception) -> int:
    from ddbtui.crash import write_crash_log
    from ddbtui.state_folder import state_dir

    where = write_crash_log(error, state_dir())
    kept = f"Details are in {shown(where)}." if where else "The details could not be written down."
    _complain(UserError(f"internal error: {type(error).__name__}: {shown(error, 200)}", kept))
    return int(Exit.FAILED)


def _never_fails_to_encode(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _silence(stream: TextIO) -> None:
    """Let the flush at exit go nowhere, else Python itself complains."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _leave_at_the_next_interrupt() -> None:
    """While threads finish their calls in flight: a further Ctrl-C leaves without a traceback."""
    import signal

    def leave(_number: int, _frame: FrameType | None) -> None:
        os._exit(int(Exit.INTERRUPTED))

    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, leave)
