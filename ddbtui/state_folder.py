"""Where journal, locks and crash logs lie on this computer."""

from __future__ import annotations

import os
from pathlib import Path

STATE_DIR = "DDBTUI_STATE_DIR"
"""Environment variable that names another state folder."""


def state_dir() -> Path:
    """Return $DDBTUI_STATE_DIR, else the platform's folder for the state of programs."""
    chosen = os.environ.get(STATE_DIR)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_state_path

    return user_state_path("ddbtui", appauthor=False)
