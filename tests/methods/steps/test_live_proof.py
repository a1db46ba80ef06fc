"""The proof against the live source, where time to live goes on deleting although nobody writes."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.engine.step import Json, StepFailed
from tests.methods.backup.moves import chains, moving
from tests.methods.lab import Journal, Lab, items_of

OVER, LATER = "1000000000", "4000000000"


@pytest.fixture
def organized(lab: Lab) -> Lab:
    manager = lab.sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    return lab


def put(lab: Lab, name: str, expires: str) -> None:
    item = {"id": {"S": name}, "expires": {"N": expires}}
    lab.client("source").put_item(TableName="sessions", Item=item)


def delete(lab: Lab, name: str) -> None:
    """As time to live does, whenever it comes to it."""
    lab.client("source").delete_item(TableName="sessions", Key={"id": {"S": name}})


def write(lab: Lab, requests: list[dict[str, Any]]) -> None:
    for start in range(0, len(requests), 25):
        lab.client("source").batch_write_item(RequestItems={"sessions": requests[start : start + 25]})


def compared(lab: Lab, *later: str) -> Json:
    """Move `sessions`; many items go before the backup, so that each of 16 buckets differs, and `later` after it."""
    keys = [{"id": {"S": f"before-{number}"}} for number in range(300)]
    write(lab, [{"PutRequest": {"Item": {**key, "expires": {"N": OVER}}}} for key in keys])
    journal, work = Journal(), chains(moving(lab, "sessions"))
    journal.until(work, "backup")
    write(lab, [{"DeleteRequest": {"Key": key}} for key in keys])
    steps = list(work[1].steps)
    names = [step.name for step in steps]
    for step in steps[names.index("backup") : names.index("proof")]:
        journal.carry_out("sessions", step)
    for name in later:
        delete(lab, name)
    return journal.carry_out("sessions", steps[names.index("proof")])


def test_what_time_to_live_deletes_before_and_after_the_backup_is_no_difference(organized: Lab) -> None:
    names = [f"after-{number}" for number in range(8)]
    for name in names:
        put(organized, name, OVER)
    done = compared(organized, *names)
    assert done["items"] == 320
    assert done["excused"] == 8
    copied = {item["id"]["S"] for item in items_of(organized.client("target"), "sessions")}
    assert len(copied) == 20
    assert set(names) <= copied


@pytest.mark.parametrize("expires", [{"N": LATER}, {"S": OVER}, {"NULL": True}], ids=["later", "text", "null"])
def test_what_is_not_over_is_a_difference(organized: Lab, expires: dict[str, Any]) -> None:
    kept = {"id": {"S": "kept"}, "expires": expires}
    organized.client("source").put_item(TableName="sessions", Item=kept)
    with pytest.raises(StepFailed, match="extra id=kept") as failed:
        compared(organized, "kept")
    assert failed.value.kind == "different"


def test_without_time_to_live_nothing_is_over(organized: Lab) -> None:
    ttl = {"Enabled": False, "AttributeName": "expires"}
    organized.client("source").update_time_to_live(TableName="sessions", TimeToLiveSpecification=ttl)
    put(organized, "kept", OVER)
    with pytest.raises(StepFailed, match="extra id=kept"):
        compared(organized, "kept")
