"""The sample plans and the schema beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ddbtui.methods.catalog import option_models
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
