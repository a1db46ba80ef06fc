from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ddbtui.errors import UserError
from ddbtui.sandbox import process
from tests.support.sandbox import TestSandbox, items, wait_for


def test_it_says_where_it_listens_and_ends_with_its_starter(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ddbtui.sandbox", "--seed", "none", "--until-stdin-closes", "--config-dir"]
    running = subprocess.Popen(
        [*command, str(tmp_path / "c")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout
    assert running.stdin
    assert running.stderr
    told = json.loads(running.stdout.readline())
    assert told["endpoint"] == f"http://127.0.0.1:{told['port']}"
    assert set(told["env"]) == {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL"}
    assert (tmp_path / "c" / "credentials").stat().st_mode & 0o777 == 0o600
    running.stdin.close()
    assert running.wait(5) == 0
    assert running.stdout.read() + running.stderr.read() == b""
    running.stdout.close()
    running.stderr.close()


def test_it_ends_on_a_signal_and_leaves_nothing() -> None:
    sandbox = process.start(seed="none")
    folder = sandbox.folder
    assert sandbox.running
    assert folder.exists()
    sandbox.stop()
    assert not sandbox.running
    assert not folder.exists()
    sandbox.stop()


def test_a_taken_port_is_told(sandbox: TestSandbox) -> None:
    with pytest.raises(UserError, match="did not start"):
        process.start(seed="none", port=sandbox.process.port)


def test_without_moto_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    with pytest.raises(UserError) as caught:
        process.start()
    assert "'.[sandbox]'" in caught.value.hint, "ddbtui is not on PyPI"


def test_importing_the_starter_needs_neither_moto_nor_boto() -> None:
    script = "import sys, ddbtui.sandbox.process; print([n for n in ('moto', 'boto3', 'flask') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=os.getcwd())
    assert done.stdout.strip() == "[]"


def test_the_demo_shows_real_life() -> None:
    with process.start(seed="demo", speed=0) as running:
        sandbox = TestSandbox(running)
        ddb = sandbox.client("source", "dynamodb")
        names = ddb.list_tables()["TableNames"]
        tables = {name: ddb.describe_table(TableName=name)["Table"] for name in names}
        assert len(items(ddb, "shop-events")) == 20_000
        kinds = {kind for item in items(ddb, "shop-products").values() for value in item.values() for kind in value}
        assert kinds == {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}
        assert tables["shop-products"]["TableSizeBytes"] > 390_000
        assert tables["shop-products"]["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
        assert tables["shop-order-lines"]["LocalSecondaryIndexes"]
        assert tables["shop-orders"]["DeletionProtectionEnabled"]
        assert "SSEDescription" in tables["shop-invoices"]
        assert ddb.get_resource_policy(ResourceArn=tables["shop-orders"]["TableArn"])["Policy"]
        assert ddb.describe_time_to_live(TableName="shop-sessions")["TimeToLiveDescription"]["AttributeName"]
        assert any("StreamSpecification" in table for table in tables.values())
        scaling = sandbox.client("source", "application-autoscaling")
        assert len(scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]) == 4
        others = set(sandbox.client("target", "dynamodb").list_tables()["TableNames"])
        assert others & set(names)
        assert others - set(names)
        first = items(ddb, "shop-invoices")
        running.control("reset")
        assert items(ddb, "shop-invoices") == first


def test_many_clients_at_once(fresh: TestSandbox) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ddb = fresh.client("source", "dynamodb")

    def put(number: int) -> None:
        ddb.put_item(TableName="sessions", Item={"id": {"S": str(number)}})
        ddb.scan(TableName="sessions", Limit=5)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(put, range(200)))
    wait_for(lambda: len(items(ddb, "sessions")) == 212)
