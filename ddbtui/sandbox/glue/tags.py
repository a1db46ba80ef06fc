"""Tags of what AWS Glue holds.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-tags.html
"""

from __future__ import annotations

from ddbtui.sandbox.answers import Answer, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.answers import invalid, missing
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

_MOST = 50


def _held(world: World, call: Call, principal: Principal) -> dict[str, str]:
    arn = str(call.params["ResourceArn"])
    if arn.split(":")[3:5] != [call.region, principal.account] or arn not in world.glue.tags:
        raise missing(f"Resource not found: {arn}")
    return world.glue.tags[arn]


def get_tags(world: World, call: Call, principal: Principal) -> Answer:
    """The tags of a job, crawler, database or connection."""
    return json_answer({"Tags": _held(world, call, principal)})


def tag(world: World, call: Call, principal: Principal) -> Answer:
    """Add tags."""
    held, added = _held(world, call, principal), dict(call.params.get("TagsToAdd") or {})
    if len({**held, **added}) > _MOST:
        raise invalid(f"A resource has at most {_MOST} tags.")
    held.update(added)
    return json_answer({})


def untag(world: World, call: Call, principal: Principal) -> Answer:
    """Remove tags."""
    held = _held(world, call, principal)
    for name in call.params.get("TagsToRemove") or ():
        held.pop(name, None)
    return json_answer({})
