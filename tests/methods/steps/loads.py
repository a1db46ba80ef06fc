"""Moves whose method loads into a table, for the tests of the steps that such methods share."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from ddbtui.aws.move import Move
from ddbtui.engine.step import Step
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.loading import LoadingOptions
from tests.methods.lab import IDS, Context, Lab

NAME = "rich"
LIMITS = {"MaxReadRequestUnits": 500, "MaxWriteRequestUnits": 400}


def options(**changed: Any) -> LoadingOptions:
    """The options of a method that loads."""
    return LoadingOptions(type="load", **changed)


def loading(lab: Lab, *names: str, target_name: str | None = None, plan: Any = None, **changed: Any) -> Move:
    """A move of these tables with such options."""
    return lab.move(*(names or (NAME,)), target_name=target_name, method=options(**changed), **(plan or {}))


def make_rich(lab: Lab, **changed: Any) -> None:
    """Make a source table of every kind of index, with tags, class and limits."""
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]

    def index(name: str, *attributes: str, **more: Any) -> dict[str, Any]:
        roles = zip(attributes, ("HASH", "RANGE"), strict=False)
        schema = [{"AttributeName": attribute, "KeyType": role} for attribute, role in roles]
        return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}, **more}

    included = {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]}}
    lab.client("source").create_table(
        **{
            "TableName": NAME,
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": of}
                for name, of in zip(["pk", "sk", "a", "b"], "SNSB", strict=True)
            ],
            "KeySchema": [*keys, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "LocalSecondaryIndexes": [index("local-a", "pk", "a", **included)],
            "GlobalSecondaryIndexes": [index("by-a", "a", "sk", OnDemandThroughput=LIMITS), index("by-b", "b")],
            "BillingMode": "PAY_PER_REQUEST",
            "OnDemandThroughput": LIMITS,
            "TableClass": "STANDARD_INFREQUENT_ACCESS",
            "DeletionProtectionEnabled": True,
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            "Tags": [{"Key": "team", "Value": "shop"}],
            **changed,
        }
    )


def described(lab: Lab, name: str = NAME) -> dict[str, Any]:
    """The new table as AWS describes it."""
    found: dict[str, Any] = lab.client("target").describe_table(TableName=name)["Table"]
    return found


def used_since(lab: Lab, step: Step) -> tuple[set[str], set[str]]:
    """Actions that were used, but not declared by the step; and those declared, but not used."""
    assert isinstance(step, TableStep)
    declared = {(one.side, one.action, one.resource) for one in step.access()}
    used: set[Any] = set()
    undeclared = set()
    for call in lab.sandbox.calls():
        side = next(side for side, account in IDS.items() if account == call["account"])
        hits = {one for one in declared if one[:2] == (side, call["action"]) and fnmatchcase(call["resource"], one[2])}
        used |= hits
        if call["action"] and not hits:
            undeclared.add(call["action"])
    return undeclared, {action for _, action, _ in declared - used}


def interrupted(context: Context, step: Step) -> Context:
    """The context of a resume, after a start of which the handle was never written."""
    step.start(context)
    return replace(context)
