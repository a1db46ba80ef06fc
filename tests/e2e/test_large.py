"""A table of 20,000 items with every attribute type, a local and two global indexes: by YAML and by the wizard.

By every method that keeps local indexes; Glue's jobs run without Spark here, for speed, and smaller by the wizard
(`test_glue_ways.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ddbtui.sandbox.seeds.large import ITEMS
from ddbtui.screens.app import DdbtuiApp
from ddbtui.service import Service
from tests.e2e.hand import Hand, carried_out, choose_accounts, choose_method, choose_table, put_right, save_and_start
from tests.e2e.support import BUCKET, ddbtui, environment, json_lines, plan_file
from tests.support.sandbox import TestSandbox, items, same_items

TABLE = "library"
FAST: dict[str, Any] = {"warm_write_units": 40_000, "workers": 2}
"""As fast as a table may be by AWS's default quota: else the load keeps to what a new table takes. Each of few tasks
may write more of it, and no more than two run at a time here."""
METHODS: dict[str, dict[str, Any]] = {"backup": {}, "s3-glue": FAST, "glue": FAST}
QUERIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("by-year", "shelf", {"S": "shelf-007"}),
    ("by-author", "author", {"S": "author-7"}),
    ("by-borrower", "borrower", {"B": b"\x01\x02\x03"}),
)
TYPES = {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}


@pytest.fixture
def library(in_sandbox: TestSandbox) -> TestSandbox:
    """Both accounts in one organization, whose management account has switched cross-account backup on."""
    in_sandbox.control("reset", seed="large", speed=0)
    in_sandbox.control("glue", engine="substitute")
    manager = in_sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    return in_sandbox


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_by_a_plan(library: TestSandbox, tmp_path: Path, method: str) -> None:
    bucket = {} if method == "backup" else {"bucket": BUCKET}
    plan = plan_file(tmp_path, TABLE, method={"type": method, **bucket, **METHODS[method]})
    env = environment(library, tmp_path)
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr)
    assert json_lines(done.stdout)[-1]["state"] == "done"
    assert_arrived(library)


@pytest.mark.slow
async def test_by_the_wizard(library: TestSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    service = Service(tmp_path / "state")
    app = DdbtuiApp(service)
    async with app.run_test(size=(110, 36)) as pilot:
        hand = Hand(app, pilot)
        await choose_accounts(hand)
        await choose_table(hand, TABLE)
        await choose_method(hand, "backup", {})
        await put_right(hand)
        await save_and_start(hand, tmp_path / "move.yaml")
        run = await carried_out(hand)
    assert service.plan_of(run.run_id).method.type == "backup"
    assert_arrived(library)


def assert_arrived(sandbox: TestSandbox) -> None:
    """All items are equal by content, all indexes by what they are and hold, and every type was among them."""
    source, target = (sandbox.client(side, "dynamodb") for side in ("source", "target"))
    here, there = items(source, TABLE), items(target, TABLE)
    assert len(here) == ITEMS
    assert {kind for item in here.values() for value in item.values() for kind in value} == TYPES
    assert same_items(here, there)
    ours, theirs = indexes(source), indexes(target)
    assert set(ours) == {"by-author", "by-borrower", "by-year"}
    assert ours == theirs
    for index, condition, value in QUERIES:
        found = queried(source, index, condition, value)
        assert found, f"{index} has nothing of {value}"
        assert found == queried(target, index, condition, value), index


def indexes(client: Any) -> dict[str, Any]:
    table = client.describe_table(TableName=TABLE)["Table"]
    found = [*table["GlobalSecondaryIndexes"], *table["LocalSecondaryIndexes"]]
    return {index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in found}


def queried(client: Any, index: str, condition: str, value: dict[str, Any]) -> list[str]:
    """The books under a key."""
    names = {"#key": condition}
    wanted = {"IndexName": index, "KeyConditionExpression": "#key = :key", "ExpressionAttributeNames": names}
    answer = client.query(TableName=TABLE, ExpressionAttributeValues={":key": value}, **wanted)
    return sorted(item["book"]["N"] for item in answer["Items"])
