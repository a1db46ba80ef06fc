"""Moves with the method backup."""

from __future__ import annotations

from typing import Any

from ddbtui.aws.move import Move
from ddbtui.engine.step import Chain
from ddbtui.methods.backup.method import Backup
from ddbtui.methods.backup.options import BackupOptions
from tests.methods.lab import Lab

VAULT = "ddbtui"


def moving(lab: Lab, *names: str, target_name: str | None = None, options: Any = None, **plan: Any) -> Move:
    return lab.move(*names, target_name=target_name, method=BackupOptions(**(options or {})), **plan)


def chains(move: Move) -> list[Chain]:
    return [chain for phase in Backup().work(move).phases for chain in phase]
