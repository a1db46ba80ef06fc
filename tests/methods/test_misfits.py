"""Options that do not go together, or not with the rest of the plan: refused when it is read, at their place."""

from __future__ import annotations

import pytest

from ddbtui.draft import Draft
from ddbtui.errors import Exit
from ddbtui.flow import Facts, reasons
from ddbtui.methods.catalog import option_models
from ddbtui.plan.model import Plan
from ddbtui.plan.reader import PlanError, parse_plan
from tests.methods.tables import A, B

THIRD = "arn:aws:iam::333333333333:role/theirs"


def plan(method: str, options: str = "", rest: str = "") -> str:
    lines = [
        f'source: {{region: eu-west-1, account_id: "{A}"}}',
        f'target: {{region: eu-west-1, account_id: "{B}"}}',
        "tables: [{name: orders}]",
        *(["method:", f"  type: {method}"] + ([] if method == "backup" else ["  bucket: staging-bucket"])),
        *(f"  {line}" for line in options.splitlines()),
        rest,
    ]
    return "\n".join(lines)


def read(text: str) -> Plan:
    return parse_plan(text, "move.yaml", option_models())


NEEDS_COUNTS = "method.accept_damage: needs proof: counts, since a comparison of every item finds the damage"
ONLY_NEW = "is only for tables that ddbtui makes; with table: existing leave it out"
MISFITS = [
    ("s3-glue", "loader: catalog\naccept_damage: true", "", [f"8:18: {NEEDS_COUNTS}"]),
    ("glue", "reader: connector\naccept_damage: true", "proof: digest", [f"8:18: {NEEDS_COUNTS}"]),
    (
        "s3-glue",
        "accept_damage: true",
        "proof: counts",
        ["7:18: method.accept_damage: goes with loader: catalog only; loader: lossless changes nothing"],
    ),
    (
        "glue",
        "accept_damage: true",
        "proof: off",
        ["7:18: method.accept_damage: goes with reader: connector only; reader: lossless changes nothing"],
    ),
    (
        "glue",
        "table: existing\nwarm_write_units: 9000\naccept_damage: true",
        "",
        [f"8:21: method.warm_write_units: {ONLY_NEW}", "9:18: method.accept_damage: goes with reader: connector"],
    ),
    (
        "s3-glue",
        "table: existing\nloader: catalog\naccept_damage: true",
        "target_table: {billing: on-demand, encryption: aws-managed}",
        [
            f"9:18: {NEEDS_COUNTS}",
            f"10:25: target_table.billing: {ONLY_NEW}",
            f"10:48: target_table.encryption: {ONLY_NEW}",
        ],
    ),
    ("s3-glue", f"job_role: {THIRD}", "", [f"7:13: method.job_role: must be a role of the target account, {B}"]),
    ("glue", f"source_role: {THIRD}", "", [f"7:16: method.source_role: must be a role of the source account, {A}"]),
    (
        "backup",
        f"backup_role: {THIRD}\nrestore_role: arn:aws:iam::{A}:role/x",
        "",
        [
            f"6:16: method.backup_role: must be a role of the source account, {A}",
            f"7:17: method.restore_role: must be a role of the target account, {B}",
        ],
    ),
    (
        "backup",
        "way: air-gapped-vault\nretention_days: 6\nrecovery_point: newest",
        "",
        [
            "7:19: method.retention_days: must be at least 7 with way: air-gapped-vault",
            "8:19: method.recovery_point: does not go with way: air-gapped-vault",
        ],
    ),
    (
        "backup",
        f"way: air-gapped-vault\ntarget_vault_key: arn:aws:kms:eu-west-1:{B}:key/abc",
        "",
        ["7:21: method.target_vault_key: does not go with way: air-gapped-vault, which makes no copy"],
    ),
    ("glue", "reader: connector\nsegments: 9", "", ["8:13: method.segments: goes with reader: lossless only"]),
    (
        "s3-glue",
        "worker_type: G.2X\nworkers: 150",
        "",
        ["8:12: method.workers: must be at most 149 of worker_type"],
    ),
]


@pytest.mark.parametrize(("method", "options", "rest", "said"), MISFITS)
def test_a_misfit_is_refused_at_its_place(method: str, options: str, rest: str, said: list[str]) -> None:
    with pytest.raises(PlanError) as caught:
        read(plan(method, options, rest))
    assert caught.value.code == Exit.USAGE
    lines = caught.value.message.splitlines()
    assert len(lines) == len(said)
    for line, start in zip(lines, said, strict=True):
        assert line.startswith(f"move.yaml:{start}")


@pytest.mark.parametrize(
    ("method", "options", "rest"),
    [
        ("s3-glue", "loader: catalog\naccept_damage: true", "proof: counts"),
        ("glue", "reader: connector\naccept_damage: true", "proof: off"),
        ("glue", "warm_write_units: 9000", "target_table: {billing: on-demand, encryption: aws-managed}"),
        ("glue", "table: existing", f"target_table: {{encryption: 'arn:aws:kms:eu-west-1:{B}:key/abc'}}"),
        ("glue", f"job_role: arn:aws:iam::{B}:role/x\nsource_role: arn:aws:iam::{A}:role/x", ""),
        ("backup", f"backup_role: arn:aws:iam::{A}:role/x\nrestore_role: arn:aws:iam::{B}:role/x", ""),
    ],
)
def test_what_goes_together_is_read(method: str, options: str, rest: str) -> None:
    assert read(plan(method, options, rest)).method.type == method


def test_a_large_bound_is_easy_to_read() -> None:
    with pytest.raises(PlanError, match=r"7:21: method\.warm_write_units: must be at most 10,000,000$"):
        read(plan("glue", f"warm_write_units: {'9' * 20}"))


def test_the_wizard_refuses_it_at_the_option() -> None:
    draft = Draft.from_plan(read(plan("s3-glue", "loader: catalog\naccept_damage: true", "proof: counts")))
    digest, lossless = (
        reasons("method", one, Facts(), option_models())
        for one in (
            Draft.from_plan(draft.plan(option_models()).model_copy(update={"proof": "digest"})),
            draft.with_options("s3-glue", {"bucket": "staging-bucket", "accept_damage": True}),
        )
    )
    assert [(one.where, one.text) for one in digest] == [("option-accept_damage", NEEDS_COUNTS.removeprefix("method."))]
    assert [one.where for one in lossless] == ["option-accept_damage"]
    assert not reasons("method", draft, Facts(), option_models())
