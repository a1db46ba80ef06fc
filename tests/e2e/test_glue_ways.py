"""The ways of Glue by the wizard, and AWS's own by the program: a table that they would change is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ddbtui.screens.app import DdbtuiApp
from ddbtui.service import Service
from tests.e2e.hand import Hand, carried_out, choose_accounts, choose_method, choose_table, put_right, save_and_start
from tests.e2e.support import BUCKET, assert_equal_tables, ddbtui, environment, json_lines, plan_file
from tests.support.sandbox import TestSandbox

CATALOG = {"type": "s3-glue", "bucket": BUCKET, "loader": "catalog"}
CONNECTOR = {"type": "glue", "bucket": BUCKET, "reader": "connector"}
LOADER = {"type": "s3-glue", "bucket": BUCKET, "loader": "lossless"}
READER = {"type": "glue", "bucket": BUCKET, "reader": "lossless"}
OWN = [pytest.param(CATALOG, id="catalog"), pytest.param(CONNECTOR, id="connector")]
LOSSLESS = [pytest.param(LOADER, id="lossless-loader"), pytest.param(READER, id="lossless-reader")]
WAYS = pytest.mark.parametrize("method", OWN)


def run(sandbox: TestSandbox, folder: Path, plan: Path, *more: str) -> tuple[int, list[dict[str, Any]]]:
    env = environment(sandbox, folder)
    done = ddbtui("run", str(plan), "--yes", "--output", "json", *more, env=env, cwd=folder)
    return done.returncode, json_lines(done.stdout)


@WAYS
def test_a_table_that_would_be_changed_is_refused_by_name(
    fresh: TestSandbox, tmp_path: Path, method: dict[str, Any]
) -> None:
    fresh.control("glue", engine="substitute")
    code, lines = run(fresh, tmp_path, plan_file(tmp_path, "orders", method=method))
    assert code == 3
    (trouble,) = lines[-1]["tables"][0]["troubles"]
    assert "orders unchanged: lines (L in 30 items: its elements become " in trouble["error"]
    assert "lossless" in trouble["hint"]
    assert fresh.client("target", "dynamodb").list_tables()["TableNames"] == []


@WAYS
def test_accepted_damage_is_asked_for_done_and_reported(
    fresh: TestSandbox, tmp_path: Path, method: dict[str, Any]
) -> None:
    fresh.control("glue", engine="substitute")
    plan = plan_file(tmp_path, "orders", method={**method, "accept_damage": True}, proof="counts")
    code, lines = run(fresh, tmp_path, plan)
    assert code == 4
    (gate,) = [one for one in lines if one["type"] == "gate"]
    assert gate["gate"] == "damaged-types"
    assert "lines (L in 30 items: " in gate["question"]
    env = environment(fresh, tmp_path)
    done = ddbtui("resume", "--acknowledge", "damaged-types", "--output", "json", env=env, cwd=tmp_path)
    end = json_lines(done.stdout)[-1]
    assert (done.returncode, end["state"]) == (0, "done"), done.stdout[-2000:]
    assert any("lines (L in 30 items: " in one for one in end["tables"][0]["intended"])


@pytest.mark.slow
@pytest.mark.parametrize("method", [*OWN, *LOSSLESS])
async def test_the_wizard_goes_these_ways(
    in_sandbox: TestSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    in_sandbox.control("glue", engine="substitute")
    in_sandbox.client("source", "dynamodb").delete_table(TableName="orders")  # so that the cursor is on another
    ((option, word),) = [(name, value) for name, value in method.items() if name in ("loader", "reader")]
    service = Service(tmp_path / "state")
    app = DdbtuiApp(service)
    async with app.run_test(size=(110, 36)) as pilot:
        hand = Hand(app, pilot)
        await choose_accounts(hand)
        await choose_table(hand, "sessions")
        await choose_method(hand, method["type"], {option: word})
        await put_right(hand)
        await save_and_start(hand, tmp_path / "move.yaml")
        run = await carried_out(hand)
    assert getattr(service.plan_of(run.run_id).method, option) == word
    assert_equal_tables(in_sandbox, "sessions")
