"""What a run goes by: its move as it was when the run began, written into the journal and read again."""

from __future__ import annotations

from typing import Any

from ddbtui.aws.account import Account, Call
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.clock import Clock
from ddbtui.engine.journal import Journal
from ddbtui.engine.records import CallRecord
from ddbtui.plan.model import Plan


def summary_of(move: Move) -> dict[str, Any]:
    """Return what a run keeps of its move: who, how, and the inventory of every table."""
    plan = move.plan
    return {
        "source": f"{plan.source.account_id} {plan.source.region}",
        "target": f"{plan.target.account_id} {plan.target.region}",
        "method": plan.method.type,
        "tables": [
            {"inventory": moving.table.model_dump_json(), "target_name": moving.target_name, "name": moving.name}
            for moving in move.tables
        ],
    }


def recorded_move(journal: Journal, clock: Clock, run_id: str, plan: Plan) -> Move:
    """Return the move of a run, with accounts whose changing calls go into the audit log.

    Args:
        journal: has the run.
        clock: tells when a call was made.
        run_id: the run.
        plan: its plan.
    """

    def audit(call: Call) -> None:
        """Note a call that may have changed something."""
        if not only_reads(call.operation):
            journal.call(
                run_id,
                CallRecord(
                    clock.now(),
                    call.side,
                    call.account_id,
                    call.region,
                    call.service,
                    call.operation,
                    call.outcome,
                    call.request_id,
                ),
            )

    tables = tuple(
        MovingTable(Table.model_validate_json(entry["inventory"]), entry["target_name"])
        for entry in journal.run(run_id).summary["tables"]
    )
    source, target = Account("source", plan.source, audit, run_id), Account("target", plan.target, audit, run_id)
    management = Account("management", plan.management, audit, run_id) if plan.management else None
    return Move(plan, source, target, tables, management)


def only_reads(operation: str) -> bool:
    """Whether a call changes nothing and so stays out of the audit log."""
    return operation.startswith(("Describe", "List", "Get", "Head", "Scan", "Query", "BatchGet", "AssumeRole"))
