"""What is kept of an internal error: the traceback, without the values of any variable."""

from __future__ import annotations

import os
import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path

from ddbtui import __version__


def write_crash_log(error: BaseException, folder: Path) -> Path | None:
    """Write the traceback of an error into a file of its own, readable by its owner alone.

    Args:
        error: what was raised.
        folder: the state folder; made if absent.

    Returns:
        The file, or None when it could not be written.
    """
    at = datetime.now(UTC)
    head = f"ddbtui {__version__}, Python {platform.python_version()}, {platform.system()}, {at.isoformat()}\n\n"
    text = head + "".join(traceback.format_exception(error))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"crash-{at:%Y%m%d-%H%M%S-%f}-{os.getpid()}.log"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return None
    return path
