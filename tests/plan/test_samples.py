"""The sample plans and the schema beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from ddbtui.methods.catalog import option_models
from ddbtui.plan.model import AccountRef, MethodOptions, Plan, TableChoice, TargetTable
from ddbtui.plan.reader import load_plan, parse_plan
from ddbtui.plan.schema import SCHEMA_URL, plan_schema
from ddbtui.plan.writer import dump_plan

FOLDER = Path(__file__).parents[2] / "sample-configs"
SCHEMA = FOLDER / "ddbtui.schema.json"
SAMPLES = sorted(FOLDER.glob("*.yaml"))


def test_the_schema_file_is_what_ddbtui_schema_prints() -> None:
    assert json.loads(SCHEMA.read_text()) == plan_schema(option_models()), (
        "run `ddbtui schema > sample-configs/ddbtui.schema.json`"
    )
    assert SCHEMA_URL.endswith("/sample-configs/ddbtui.schema.json")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_a_plan_of_its_method(path: Path) -> None:
    plan = load_plan(path, option_models())
    assert f"{path.stem}-".startswith(f"{plan.method.type}-"), "named after its method, and its variant"
    assert (plan.source.account_id, plan.target.account_id) == ("111111111111", "222222222222")
    assert parse_plan(dump_plan(plan), "again.yaml", option_models()) == plan
    assert path.read_text().startswith("# yaml-language-server: $schema=ddbtui.schema.json\n")


def unexplained(path_pattern: str, fields: Iterable[str]) -> list[str]:
    """Which of the fields no sample of that name holds, in a comment or as a value."""
    text = "".join(path.read_text() for path in FOLDER.glob(path_pattern))
    return [field for field in fields if not re.search(rf"\b{field}\b", text)]


def test_the_samples_show_every_field_of_a_plan() -> None:
    models = (Plan, AccountRef, TableChoice, TargetTable)
    assert unexplained("*.yaml", [name for model in models for name in model.model_fields]) == []


@pytest.mark.parametrize(("method", "options"), option_models().items(), ids=list(option_models()))
def test_the_samples_of_a_method_show_every_option(method: str, options: type[MethodOptions]) -> None:
    assert unexplained(f"{method}*.yaml", options.model_fields) == []


@pytest.mark.parametrize("name", ["backup.yaml", "backup-schedule.yaml"])
def test_the_management_account_is_there_once_its_comment_mark_is_gone(name: str) -> None:
    text = (FOLDER / name).read_text().replace("\n# management: ", "\nmanagement: ")
    management = parse_plan(text, name, option_models()).management
    assert management is not None
    assert management.account_id == "333333333333"
