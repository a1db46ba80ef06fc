"""The plan's JSON Schema, for completion and checks in editors. A rendering of the models, like everything else.

https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from ddbtui.plan.model import MethodOptions, Plan

SCHEMA_URL = "https://raw.githubusercontent.com/ddbtui/ddbtui/main/sample-configs/ddbtui.schema.json"


def plan_schema(methods: Mapping[str, type[MethodOptions]]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a plan.

    Args:
        methods: option models by method id; a plan's `method` is one of them.
    """
    options = list(methods.values())
    references, generated = models_json_schema([(Plan, "validation"), *((model, "validation") for model in options)])
    definitions: dict[str, Any] = generated["$defs"]
    plan = definitions.pop(Plan.__name__)
    definitions.pop(MethodOptions.__name__, None)
    one_of = [references[model, "validation"] for model in options]
    for name, reference in zip(methods, one_of, strict=True):
        _select_by_type(definitions[str(reference["$ref"]).rsplit("/", 1)[-1]], name)
    for definition in definitions.values():
        for field in definition.get("properties", {}).values():
            for name in ("suggest", "choose"):  # for the wizard, no keywords of JSON Schema
                field.pop(name, None)
    described = plan["properties"]["method"].get("description", "")
    plan["properties"]["method"] = {
        "title": "Method",
        "description": described,
        "type": "object",
        "required": ["type"],
        "oneOf": one_of,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URL,
        "title": "ddbtui plan",
        **{key: value for key, value in plan.items() if key != "title"},
        "$defs": dict(sorted(definitions.items())),
    }


def _select_by_type(definition: dict[str, Any], name: str) -> None:
    """Make `type` what tells the methods apart: always there, and one exact word."""
    definition["properties"]["type"] = {"title": "Type", "description": "Names the method", "const": name}
    required = definition.setdefault("required", [])
    if "type" not in required:
        required.insert(0, "type")
