"""Names that follow from plan and run, and what roles are given."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ddbtui.aws.move import Move
from ddbtui.aws.table import Encryption
from ddbtui.methods.catalog import method
from ddbtui.methods.glue.network import network_prerequisites
from ddbtui.methods.glue.options import CopyOptions, S3GlueOptions
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.rights import job_statements, source_statements
from ddbtui.methods.glue.ways import way_of
from ddbtui.prerequisites import bucket
from ddbtui.prerequisites.glue_capacity import SourceCapacity
from ddbtui.prerequisites.role_reading import fits, uses
from tests.methods.tables import KEY, A, B, move, table


def moving(kind: str = "glue", tables: Any = (), options: Any = None, **plan: Any) -> Move:
    return move(*(tables or [table()]), method={"type": kind, "bucket": "staging", **(options or {})}, **plan)


def test_names_tell_run_and_table() -> None:
    places = Places(moving())
    assert places.job_name("r1", "orders") == "ddbtui-r1-orders"
    assert places.progress_key("r1", "orders") == "ddbtui/r1/orders/glue/progress.json"
    assert places.scripts("r1") == "ddbtui/r1/py/"
    assert places.scripts_resource("r1").data == {"bucket": "staging", "prefix": "ddbtui/r1/py/", "owner": B}


def test_names_that_are_too_long_stay_apart() -> None:
    places = Places(moving())
    one, other = (places.job_name("r0123456789", "t" * 254 + letter) for letter in "ab")
    assert len(one) == len(other) == 255
    assert one != other


def test_roles_of_one_plan_are_its_own() -> None:
    same = Places(moving()), Places(moving())
    assert same[0].job_role == same[1].job_role
    assert same[0].job_role.startswith(f"arn:aws:iam::{B}:role/ddbtui-glue-")
    assert same[0].source_role.startswith(f"arn:aws:iam::{A}:role/ddbtui-glue-source-")
    others = [moving("s3-glue"), moving(tables=[table("other")]), moving(options={"prefix": "x"})]
    assert len({Places(one).job_role for one in (moving(), *others)}) == 4
    given = {"job_role": f"arn:aws:iam::{B}:role/Mine", "source_role": f"arn:aws:iam::{A}:role/Theirs"}
    places = Places(moving(options=given))
    assert (places.job_role, places.source_role) == (given["job_role"], given["source_role"])
    assert not places.makes_job_role
    assert not places.makes_source_role


def test_the_job_gets_what_it_needs_and_no_more() -> None:
    allowed = set(uses(job_statements(moving())))
    target = f"arn:aws:dynamodb:eu-west-1:{B}:table/orders"
    assert {resource for action, resource in allowed if action.startswith("dynamodb:")} == {target}
    assert ("sts:AssumeRole", Places(moving()).source_role) in allowed
    assert not any(action.startswith(("kms:", "ec2:", "glue:")) for action, _ in allowed)
    assert not any("*" in action or action.startswith("iam:") for action, _ in allowed)
    assert "sts:AssumeRole" not in {action for action, _ in uses(job_statements(moving("s3-glue")))}


def test_keys_and_a_connection_are_added_where_there_are_some() -> None:
    staging = KEY.replace("1111", "9999")
    options = {"encryption": {"kms_key_arn": staging}, "connection": "private"}
    allowed = set(uses(job_statements(moving(options=options, target_table={"encryption": KEY}))))
    assert {("kms:Decrypt", staging), ("kms:GenerateDataKey", staging), ("kms:CreateGrant", KEY)} <= allowed
    assert ("glue:GetConnection", f"arn:aws:glue:eu-west-1:{B}:connection/private") in allowed
    assert ("ec2:CreateNetworkInterface", "*") in allowed


def test_a_connection_is_looked_at_where_there_is_one() -> None:
    assert [one.id for one in network_prerequisites(moving(options={"connection": "private"}))] == [
        "security-groups",
        "vpc-endpoints",
    ]
    assert network_prerequisites(moving()) == ()


def test_what_may_be_needed_is_given_but_not_asked_for() -> None:
    """What AWS does not say that it uses: a role of ddbtui's has it, one that the plan names may go without."""
    perhaps = {"ec2:DeleteTags", "s3:GetBucketLocation", "glue:GetDatabases", "glue:UpdatePartition"}
    for own in (None, f"arn:aws:iam::{B}:role/Mine"):
        chosen = moving("s3-glue", options={"loader": "catalog", "connection": "private", "job_role": own})
        allowed = {action for action, _ in uses(job_statements(chosen, way_of(chosen.plan.method).statements(chosen)))}
        assert perhaps & allowed == (set() if own else perhaps)


@pytest.mark.parametrize(("reader", "outcome"), [("lossless", "pass"), ("connector", "warn")])
def test_only_the_connector_is_bound_to_one_session(reader: str, outcome: str) -> None:
    large = table("large", size_bytes=60 * 1024**3, item_count=60 * 1024**2)
    chosen = moving(tables=[large], options={"reader": reader, "read_share": 1.0})
    (finding,) = (one.check() for one in method("glue").prerequisites(chosen) if isinstance(one, SourceCapacity))
    assert finding.outcome == outcome
    assert ("session" in finding.evidence) == (reader == "connector")


@pytest.mark.parametrize("kind", ["glue", "s3-glue"])
@pytest.mark.parametrize(("options", "outcome"), [({}, "warn"), ({"connection": "private"}, "fail")])
def test_a_bucket_elsewhere_is_judged_by_the_way_there(
    kind: str, options: dict[str, str], outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "look", lambda _: ("ours", "us-east-1"))
    chosen = moving(kind, options=options)
    (finding,) = (one.check() for one in method(kind).prerequisites(chosen) if one.id == "bucket")
    assert finding.outcome == outcome


def test_the_reading_role_decrypts_only_with_keys_of_tables() -> None:
    customers = table("sealed", encryption=Encryption(kind="customer", key_arn=KEY))
    assert {one for one in uses(source_statements(moving())) if one[0].startswith("kms:")} == set()
    allowed = set(uses(source_statements(moving(tables=[table(), customers]))))
    assert ("kms:Decrypt", KEY) in allowed
    assert ("dynamodb:Scan", f"arn:aws:dynamodb:eu-west-1:{A}:table/orders") in allowed
    assert "dynamodb:GetItem" not in {action for action, _ in allowed}


def test_more_tables_than_a_policy_holds_become_all() -> None:
    many = moving(tables=[table(f"a-rather-long-name-of-a-table-{number}") for number in range(200)])
    for statements in (job_statements(many), source_statements(many)):
        assert fits(statements)
        assert any(resource.endswith(":table/*") for _, resource in uses(statements))


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (S3GlueOptions, "workers", 1),
        (S3GlueOptions, "workers", 300),
        (S3GlueOptions, "worker_type", "Standard"),
        (S3GlueOptions, "timeout_minutes", 10081),
        (S3GlueOptions, "job_role", "Mover"),
        (S3GlueOptions, "connection", "a\nb"),
        (CopyOptions, "read_share", 0.05),
        (CopyOptions, "read_share", 1.5),
        (CopyOptions, "segments", 0),
    ],
    ids=lambda value: str(value)[:20].replace("\n", " ") if not isinstance(value, type) else value.__name__,
)
def test_options_that_glue_does_not_take_are_refused(model: Any, field: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        model(bucket="staging", **{field: value})


def test_large_workers_are_fewer() -> None:
    assert S3GlueOptions(bucket="staging", worker_type="G.2X", workers=149).workers == 149
    with pytest.raises(ValidationError, match=r"workers\n.*149"):
        S3GlueOptions(bucket="staging", worker_type="G.2X", workers=150)
