"""A plan on paper: nothing is lost, nothing half-written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import yaml
from hypothesis import given

from ddbtui.errors import Exit, UserError
from ddbtui.plan.model import Plan
from ddbtui.plan.reader import load_plan, parse_plan
from ddbtui.plan.schema import SCHEMA_URL
from ddbtui.plan.writer import dump_plan, plan_digest, save_plan
from tests.plan.options import GOOD, METHODS
from tests.plan.strategies import plans


def good() -> Plan:
    return parse_plan(GOOD, "plan.yaml", METHODS)


@given(plans())
def test_what_is_read_back_equals_what_was_written(plan: Plan) -> None:
    text = dump_plan(plan)
    again = parse_plan(text, "plan.yaml", METHODS)
    assert again == plan
    assert dump_plan(again) == text
    assert plan_digest(again) == plan_digest(plan)


@given(plans())
def test_every_yaml_reader_sees_the_same_strings(plan: Plan) -> None:
    """PyYAML follows YAML 1.1, where `off` is false: a plan must not depend on who reads it."""
    other = yaml.safe_load(dump_plan(plan))
    assert Plan.model_validate(other, context={"methods": METHODS}) == plan


def test_it_looks_as_documented() -> None:
    assert (
        dump_plan(good())
        == f"""\
# yaml-language-server: $schema={SCHEMA_URL}
version: 1
source: {{profile: "prod-old", region: "eu-west-1", account_id: "111111111111"}}
target:
  profile: "prod-new"
  region: "eu-west-1"
  account_id: "222222222222"
  role_arn: "arn:aws:iam::222222222222:role/Migration"
  external_id_env: "DDBTUI_EXTERNAL_ID"
tables:
  - name: "orders"
    target_name: "orders-2"
  - name: "shop-*"
method: {{type: copy, bucket: "staging", workers: 8, subnets: ["a", "b"], labels: {{"x": "y"}}}}
carry_over: [tags, ttl]
proof: counts
acknowledge: [writes-stopped]
"""
    )


def test_the_digest_sees_every_field() -> None:
    texts = [GOOD]
    for old, new in (
        ("prod-old", "prod-older"),
        ("111111111111", "111111111112"),
        ("orders-2", "orders-3"),
        ("shop-*", "shop-?"),
        ("workers: 8", "workers: 9"),
        ("proof: counts", "proof: digest"),
        ("[tags, ttl]", "[tags]"),
        ("[writes-stopped]", "[]"),
    ):
        assert old in GOOD
        texts.append(GOOD.replace(old, new))
    digests = {plan_digest(parse_plan(text, "plan.yaml", METHODS)) for text in texts}
    assert len(digests) == len(texts)
    assert all(len(digest) == 64 for digest in digests)


def test_saving_replaces_the_file_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    save_plan(good(), path)
    assert load_plan(path, METHODS) == good()
    path.write_text("old")
    path.chmod(0o600)
    save_plan(good(), str(path))
    assert load_plan(path, METHODS) == good()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["plan.yaml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link, real = tmp_path / "link.yaml", tmp_path / "real.yaml"
    link.symlink_to(real)
    save_plan(good(), link)
    assert link.is_symlink()
    assert load_plan(real, METHODS) == good()


def test_what_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(os.listdir(tmp_path))
    for name, reason in (
        ("directory", "is a directory"),
        ("loop", "symbolic links"),
        ("pipe", "not a regular file"),
        ("missing/plan.yaml", "No such file"),
        ("x" * 300, "too long"),
        ("nul\0", "not the name of a file"),
    ):
        with pytest.raises(UserError, match=reason) as refused:
            save_plan(good(), tmp_path / name)
        assert refused.value.code == Exit.USAGE
        assert str(refused.value).startswith(str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == before


def test_a_plan_that_no_file_can_hold_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("old")
    broken = good().model_copy(update={"source": good().source.model_copy(update={"profile": "\ud800"})})
    with pytest.raises(UserError, match="can't be saved"):
        save_plan(broken, path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["plan.yaml"]
