"""The JSON Schema says what the reader takes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given

from ddbtui.plan.model import CARRY_OVER, MethodOptions, Plan
from ddbtui.plan.schema import SCHEMA_URL, plan_schema
from ddbtui.plan.writer import dump_plan
from tests.plan.options import GOOD, METHODS
from tests.plan.strategies import plans

SCHEMA = plan_schema(METHODS)


def errors(value: Any, schema: dict[str, Any], path: str = "$") -> list[str]:
    """A validator for the few keywords that the schema uses; any other keyword fails the test."""
    known = {"$schema", "$id", "$defs", "title", "description", "default", "examples"}
    found: list[str] = []
    for keyword, rule in schema.items():
        if keyword not in known:
            found += CHECKS[keyword](value, rule, schema, path)
    return found


def _type(value: Any, rule: str, schema: dict[str, Any], path: str) -> list[str]:
    types: dict[str, Any] = {"object": dict, "array": list, "string": str, "null": type(None), "boolean": bool}
    numbers = isinstance(value, int | float) and not isinstance(value, bool)
    fits = numbers if rule in ("integer", "number") else isinstance(value, types[rule])
    return [] if fits else [f"{path}: no {rule}"]


def _alternatives(value: Any, rule: list[dict[str, Any]], path: str, most: int) -> list[str]:
    fitting = sum(not errors(value, schema, path) for schema in rule)
    return [] if 1 <= fitting <= most else [f"{path}: {fitting} alternatives fit"]


def _properties(value: Any, rule: dict[str, Any], schema: dict[str, Any], path: str) -> list[str]:
    members = value.items() if isinstance(value, dict) else ()
    return [error for name, of in members if name in rule for error in errors(of, rule[name], f"{path}.{name}")]


def _additional(value: Any, rule: Any, schema: dict[str, Any], path: str) -> list[str]:
    extra = set(value) - set(schema.get("properties", {})) if isinstance(value, dict) else set()
    if rule is False:
        return [f"{path}: unknown {name}" for name in extra]
    return [error for name in extra for error in errors(value[name], rule, f"{path}.{name}")]


def _ref(value: Any, rule: str, schema: dict[str, Any], path: str) -> list[str]:
    return errors(value, SCHEMA["$defs"][rule.removeprefix("#/$defs/")], path)


def _says(fits: bool, path: str, rule: Any) -> list[str]:
    return [] if fits else [f"{path}: {rule}"]


CHECKS: dict[str, Any] = {
    "type": _type,
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _additional,
    "anyOf": lambda v, rule, s, path: _alternatives(v, rule, path, len(rule)),
    "oneOf": lambda v, rule, s, path: _alternatives(v, rule, path, 1),
    "required": lambda v, rule, s, path: [f"{path}: no {n}" for n in rule if isinstance(v, dict) and n not in v],
    "items": lambda v, rule, s, path: [
        e for n, of in enumerate(v if isinstance(v, list) else []) for e in errors(of, rule, f"{path}[{n}]")
    ],
    "const": lambda v, rule, s, path: _says(v == rule, path, rule),
    "enum": lambda v, rule, s, path: _says(v in rule, path, rule),
    "pattern": lambda v, rule, s, path: _says(not isinstance(v, str) or bool(re.search(rule, v)), path, rule),
    "minLength": lambda v, rule, s, path: _says(not isinstance(v, str) or len(v) >= rule, path, rule),
    "maxLength": lambda v, rule, s, path: _says(not isinstance(v, str) or len(v) <= rule, path, rule),
    "minItems": lambda v, rule, s, path: _says(not isinstance(v, list) or len(v) >= rule, path, rule),
    "maxItems": lambda v, rule, s, path: _says(not isinstance(v, list) or len(v) <= rule, path, rule),
    "minimum": lambda v, rule, s, path: _says(not isinstance(v, int | float) or v >= rule, path, rule),
    "maximum": lambda v, rule, s, path: _says(not isinstance(v, int | float) or v <= rule, path, rule),
    "exclusiveMinimum": lambda v, rule, s, path: _says(not isinstance(v, int | float) or v > rule, path, rule),
}


@given(plans())
def test_every_plan_that_is_written_fits(plan: Plan) -> None:
    assert errors(yaml.safe_load(dump_plan(plan)), SCHEMA) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("proof: counts", "proof: count"),
        ("proof: counts", "prove: counts"),
        ("[tags, ttl]", "[tags, tll]"),
        ('"111111111111"', "111"),
        ("type: copy", "type: plain"),
        ("type: copy, ", ""),
        ("bucket: staging, ", ""),
        ("workers: 8", "workers: 65"),
        ("workers: 8", "password: x"),
        ("- name: shop-*", "- shop"),
    ],
)
def test_what_the_reader_refuses_does_not_fit(old: str, new: str) -> None:
    assert errors(yaml.safe_load(GOOD), SCHEMA) == []
    assert errors(yaml.safe_load(GOOD.replace(old, new)), SCHEMA)


def test_editors_find_words_and_explanations() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == SCHEMA_URL
    assert list(SCHEMA["properties"]) == list(Plan.model_fields)
    assert SCHEMA["properties"]["carry_over"]["anyOf"][1]["items"]["enum"] == list(CARRY_OVER)
    copy = SCHEMA["$defs"]["CopyOptions"]
    assert copy["properties"]["type"]["const"] == "copy"
    assert copy["required"] == ["type", "bucket"]
    for name, definition in {"Plan": SCHEMA, **SCHEMA["$defs"]}.items():
        assert definition["additionalProperties"] is False, name
    for name, described in SCHEMA["properties"].items():
        assert described["description"], name


def test_every_method_is_one_alternative() -> None:
    assert [option["$ref"] for option in SCHEMA["properties"]["method"]["oneOf"]] == [
        "#/$defs/CopyOptions",
        "#/$defs/PlainOptions",
    ]
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_option_models_of_the_same_name_stay_apart() -> None:
    def model(kind: str) -> type[MethodOptions]:
        return type("Options", (MethodOptions,), {"__module__": kind, "__annotations__": {kind: str}})

    schema = plan_schema({"one": model("one"), "two": model("two")})
    names = [option["$ref"].rsplit("/", 1)[-1] for option in schema["properties"]["method"]["oneOf"]]
    assert [schema["$defs"][name]["properties"]["type"]["const"] for name in names] == ["one", "two"]
    assert ["one" in schema["$defs"][names[0]]["properties"], "two" in schema["$defs"][names[1]]["properties"]] == [
        1,
        1,
    ]
