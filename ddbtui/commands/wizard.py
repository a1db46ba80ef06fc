"""`ddbtui` without a command: the wizard."""

from __future__ import annotations

import argparse

from ddbtui.commands.common import has_terminal, open_service
from ddbtui.errors import Exit, UserError


def wizard(_args: argparse.Namespace) -> int:
    """Open the wizard, full screen."""
    if not has_terminal():
        raise UserError(
            "the wizard needs a terminal that can do full screen",
            "Without one, replay a saved plan: `ddbtui run PLAN --output plain --yes`.\n"
            "`ddbtui plan` asks the same questions line by line.",
            Exit.USAGE,
        )
    from ddbtui.screens.app import run_app

    return run_app(open_service)
