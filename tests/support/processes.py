"""Whether other processes are there."""

from __future__ import annotations

import os
from pathlib import Path


def alive(process: int) -> bool:
    """Whether a process still runs. One that has ended but was never waited for (as under a lazy init) does not."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no /proc on this platform, or gone since
        return not Path("/proc/self").exists()
    return state != "Z"
