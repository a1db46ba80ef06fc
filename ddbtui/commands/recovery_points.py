"""`ddbtui recovery-points PLAN`: what the method backup could restore from."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddbtui.commands.common import open_service
from ddbtui.errors import Exit
from ddbtui.reporting import json_lines
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.prerequisites.recovery_point import RecoveryPoint


def recovery_points(args: argparse.Namespace) -> int:
    """List them, table by table, the newest first."""
    service = open_service()
    found = service.recovery_points(service.load_plan(Path(args.plan)))
    if args.output == "json":
        print(json_lines.document([_fields(point) for point in found]))
        return int(Exit.DONE)
    for table in dict.fromkeys(point.table for point in found):
        print(shown(table, 255))
        for point in found:
            if point.table == table:
                print(f"  {shown(point.arn, 300)}")
                print(f"    {point}")
    if not found:
        print("the target's vault has no recovery points of the plan's tables")
    return int(Exit.DONE)


def _fields(point: RecoveryPoint) -> dict[str, Any]:
    return {
        "arn": point.arn,
        "table": point.table,
        "table_arn": point.table_arn,
        "status": point.status,
        "created": point.created,
        "size_bytes": point.size_bytes,
        "deleted_at": point.deleted_at,
        "backup_plan": point.plan,
    }
