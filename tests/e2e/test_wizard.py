"""The wizard on the simulated accounts, by its keys, from first to last screen; then its plan is replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddbtui.plan.writer import dump_plan, plan_digest
from ddbtui.screens.app import DdbtuiApp
from ddbtui.service import Service
from tests.e2e.hand import Hand, carried_out, choose_accounts, choose_method, put_right, save_and_start
from tests.e2e.support import BUCKET, ddbtui, environment
from tests.support.sandbox import TestSandbox, items, same_items


@pytest.mark.slow
async def test_from_the_first_question_to_the_report(
    in_sandbox: TestSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    service = Service(tmp_path / "wizard")
    app = DdbtuiApp(service)
    saved = tmp_path / "wizard.yaml"
    async with app.run_test(size=(110, 36)) as pilot:
        hand = Hand(app, pilot)
        await choose_accounts(hand)
        await choose_tables(hand)
        await choose_method(hand, "s3-import", {})
        assert app.session.draft.options["s3-import"]["bucket"] == BUCKET
        await put_right(hand)
        await save_and_start(hand, saved)
        run = await carried_out(hand)
    arrived(in_sandbox)
    plan = service.plan_of(run.run_id)
    assert saved.read_text() == dump_plan(plan)
    replay(in_sandbox, saved, tmp_path, plan_digest(plan))


def arrived(sandbox: TestSandbox) -> None:
    source, target = sandbox.client("source", "dynamodb"), sandbox.client("target", "dynamodb")
    assert sorted(target.list_tables()["TableNames"]) == ["orders", "web-sessions"]
    for name, new_name in (("orders", "orders"), ("sessions", "web-sessions")):
        left = items(source, name)
        assert left
        assert same_items(left, items(target, new_name))


def replay(sandbox: TestSandbox, saved: Path, folder: Path, digest: str) -> None:
    """Without a person, the file gives the same plan and the same tables."""
    sandbox.control("reset", seed="small", speed=0)
    env = environment(sandbox, folder)
    done = ddbtui("run", str(saved), "--yes", "--acknowledge", "writes-stopped", env=env, cwd=folder)
    assert done.returncode == 0, done.stdout[-2000:]
    arrived(sandbox)
    again = Service(folder / "state")
    assert plan_digest(again.plan_of(again.runs()[0].run_id)) == digest


async def choose_tables(hand: Hand) -> None:
    await hand.at("TablesScreen")
    await hand.until(lambda: hand.app.session.names.complete, "all names")
    await hand.until(lambda: hand.row("#tables") == "orders", "the rows")
    await hand.press("space", "t")
    await hand.at("Ask")
    await hand.type("web-sessions")
    await hand.press("enter")
    await hand.at("TablesScreen")
    assert list(hand.app.session.chosen_names()) == ["orders", "sessions"]
    await hand.press("ctrl+n")
