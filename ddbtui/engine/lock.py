"""One run, and one plan, is carried out by one process at a time. The kernel frees the lock of a killed process."""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ddbtui.engine.clock import Clock, SystemClock
from ddbtui.errors import UserError
from ddbtui.text import shown

_TRIES = 10
_PAUSE = 0.02


@dataclass(frozen=True)
class Holder:
    """Who carries out a run; `since` is ISO 8601 in UTC."""

    pid: int
    host: str
    user: str
    since: str
    run_id: str


class Held(UserError):
    """Another process is at it.

    Args:
        holder: who, as far as the lock file tells.
    """

    def __init__(self, holder: Holder | None) -> None:
        who = describe(holder) if holder else "another process"
        run = f"run {shown(holder.run_id, 40)}" if holder and holder.run_id else "this plan"
        hint = f"`ddbtui status {shown(holder.run_id, 40)}` shows how far it is." if holder and holder.run_id else ""
        super().__init__(f"{run} is already being carried out by {who}", hint or "Wait until it has ended.")
        self.holder = holder


def describe(holder: Holder) -> str:
    """Name a holder for people."""
    return (
        f"{shown(holder.user, 40)} on {shown(holder.host, 60)}, process {holder.pid}, since {shown(holder.since, 40)}"
    )


@contextmanager
def hold(state_folder: Path, names: tuple[str, ...], run_id: str, clock: Clock | None = None) -> Iterator[None]:
    """Hold some locks, all or none, until the block ends or the process dies.

    Args:
        state_folder: where the journal lies; the locks go into its folder `locks`.
        names: what to hold, e.g. `run_lock(run_id)` and `plan_lock(digest)`.
        run_id: told to whoever finds them held.
        clock: for the time that is told.

    Raises:
        Held: another process, or another thread of this one, holds one of them.
    """
    since = (clock or SystemClock()).now().isoformat(timespec="seconds")
    me = Holder(os.getpid(), socket.gethostname(), _user(), since, run_id)
    held: list[tuple[Path, int]] = []
    try:
        for name in sorted(set(names)):
            path = _path(state_folder, name)
            held.append((path, _acquire(path, me)))
        yield
    finally:
        for path, handle in reversed(held):
            with suppress(OSError):
                # While it is still held, so that nobody's new lock is removed.
                path.unlink()
            os.close(handle)


def holder_of(state_folder: Path, name: str) -> Holder | None:
    """Who holds a lock now, or None."""
    path = _path(state_folder, name)
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        return None if _lock(handle, shared=True) else _read(path)
    finally:
        os.close(handle)


def run_lock(run_id: str) -> str:
    """The lock's name for a run."""
    return f"run-{run_id}"


def plan_lock(plan_digest: str) -> str:
    """The lock's name for a plan."""
    return f"plan-{plan_digest}"


def _path(state_folder: Path, name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,120}", name):
        raise ValueError(f"not a name for a lock: {name!r}")
    return state_folder / "locks" / f"{name}.lock"


def _acquire(path: Path, me: Holder) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(_TRIES):
            handle = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600)
            # A holder unlinks its file when it ends: a lock on an unlinked file would hold nobody off.
            if _lock(handle) and _still_there(path, handle):
                os.ftruncate(handle, 0)
                os.write(handle, json.dumps(asdict(me)).encode())
                return handle
            os.close(handle)
            # Whoever asks `holder_of` holds the lock for a moment too.
            time.sleep(_PAUSE)
    except OSError as error:
        message = f"the lock {shown(path)} can't be taken: {shown(error, 200)}"
        raise UserError(message, "Make the state folder writable, or choose another.") from error
    raise Held(_read(path))


def _still_there(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except OSError:
        return False


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "someone"


if sys.platform == "win32":
    import msvcrt

    _FAR = 0x7FFF0000  # beyond the text, which others must be able to read

    def _lock(handle: int, *, shared: bool = False) -> bool:
        try:
            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True
else:
    import fcntl

    def _lock(handle: int, *, shared: bool = False) -> bool:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
