"""Static keys that expire in the middle of a run: once a person says that there are new ones, those are used."""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ddbtui.active_run import ActiveRun
from ddbtui.engine.context import CREDENTIALS
from ddbtui.methods.catalog import option_models
from ddbtui.methods.steps.prepare import REMEDIES, WRITES_STOPPED
from ddbtui.plan.reader import parse_plan
from ddbtui.sandbox.profiles import KEYS
from ddbtui.service import Service
from tests.support.sandbox import TestSandbox, items, same_items

PLAN = """
version: 1
source: {profile: source, region: eu-west-1, account_id: "111111111111"}
target: {profile: target, region: eu-west-1, account_id: "222222222222"}
tables: [{name: sessions}]
method: {type: s3-import, bucket: ddbtui-222222222222-eu-west-1}
"""
Keys = tuple[str, str]
Write = Callable[[str, Keys], None]


@pytest.fixture
def write_keys(in_sandbox: TestSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the keys of a profile into this test's own credentials file."""
    path = tmp_path / "credentials"
    path.write_text(Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).read_text())
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))

    def write(profile: str, keys: Keys) -> None:
        file = configparser.ConfigParser()
        file.read(path)
        file[profile]["aws_access_key_id"], file[profile]["aws_secret_access_key"] = keys
        with path.open("w") as out:
            file.write(out)

    return write


def at_the_gate(service: Service, sandbox: TestSandbox, write_keys: Write) -> ActiveRun:
    """A run whose keys of the source are worth nothing any more since it polls its export."""
    key = sandbox.client("source", "iam").create_access_key(UserName="source-admin")["AccessKey"]
    write_keys("source", (key["AccessKeyId"], key["SecretAccessKey"]))
    move = service.resolve(parse_plan(PLAN, "plan", option_models()))
    sandbox.fault("expired", match={"operation": "DescribeExport"})
    active = service.start(move, [(REMEDIES, "*"), (WRITES_STOPPED, "*")], interactive=True)
    while not active.snapshot().gates:
        assert active.wait(0.05) is None, active.snapshot()
    assert [gate.gate for gate in active.snapshot().gates] == [CREDENTIALS]
    sandbox.client("source", "iam").delete_access_key(UserName="source-admin", AccessKeyId=key["AccessKeyId"])
    return active


def test_new_keys_are_used_once_a_person_says_so(in_sandbox: TestSandbox, write_keys: Write) -> None:
    active = at_the_gate(Service(), in_sandbox, write_keys)
    write_keys("source", KEYS["source"][1:])
    active.grant(CREDENTIALS)
    assert active.wait(60) == "done", active.snapshot()
    left, right = (items(in_sandbox.client(side, "dynamodb"), "sessions") for side in ("source", "target"))
    assert left
    assert same_items(left, right)


def test_new_keys_of_another_account_are_refused(in_sandbox: TestSandbox, write_keys: Write) -> None:
    service = Service()
    active = at_the_gate(service, in_sandbox, write_keys)
    write_keys("source", KEYS["target"][1:])
    before = len(in_sandbox.calls())
    active.grant(CREDENTIALS)
    assert active.wait(60) == "failed", active.snapshot()
    (failed,) = [step for chain in active.snapshot().chains for step in chain.steps if step.state == "failed"]
    assert "belong to account 222222222222, but the plan says 111111111111" in failed.error
    assert {call["operation"] for call in in_sandbox.calls()[before:]} == {"GetCallerIdentity"}
    write_keys("source", KEYS["source"][1:])
    assert service.resume(active.run_id).wait(60) == "done"
