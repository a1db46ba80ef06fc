"""The sandbox's own endpoints, all JSON, under `/_sandbox/`.

- `GET  calls`: every call with the IAM actions it needed; `POST calls/clear`
- `POST faults {"rules": [...]}`: replaces the rules for calls; `POST job-faults {"jobs": [...]}` those for jobs
- `POST propagation {"seconds": n}`: how long new bucket and key policies take to come into effect
- `POST organization {"same": true, "features": "ALL", "manager": ...}`: whether both accounts are in one organization;
  null: in none
- `POST clock {"seconds": n}`: puts the clock forward, so that backup plans run
- `POST speed {"speed": x}`; `POST reset {"seed": ..., "speed": ...}`
- `GET  state`: counts for tests, e.g. how many exports there are
"""

from __future__ import annotations

import json
from typing import Any

from ddbtui.sandbox import faults, seeding
from ddbtui.sandbox.answers import Answer, json_answer
from ddbtui.sandbox.organizations_service import put_together
from ddbtui.sandbox.world import World


def answer(world: World, method: str, path: str, body: bytes) -> Answer:
    """Answer one control call; a mistake in it is answered with 400 and a sentence."""
    try:
        return json_answer(_carry_out(world, method, path.removeprefix("/_sandbox/"), json.loads(body or b"{}")))
    except (KeyError, TypeError, ValueError) as error:
        return json_answer({"error": f"{type(error).__name__}: {error}"}, 400)


def _carry_out(world: World, method: str, what: str, data: dict[str, Any]) -> Any:
    if (method, what) == ("GET", "calls"):
        return list(world.recorder.calls)
    if (method, what) == ("GET", "state"):
        return _state(world)
    if method != "POST":
        raise ValueError(f"unknown: {method} {what}")
    if what == "reset":
        seeding.reset(world, data.get("seed"), data.get("speed"))
    elif what == "faults":
        world.faults.rules = [_rule(rule) for rule in data["rules"]]
    elif what == "job-faults":
        world.faults.jobs = [faults.JobFault(**fault) for fault in data["jobs"]]
    elif what == "propagation":
        world.propagation = float(data["seconds"])
    elif what == "organization":
        put_together(world, **data)
    elif what == "clock":
        world.ahead += float(data["seconds"])
    elif what == "speed":
        world.speed = float(data["speed"])
    elif what == "calls/clear":
        world.recorder.calls.clear()
    else:
        raise ValueError(f"unknown: {method} {what}")
    return {}


def _rule(data: dict[str, Any]) -> faults.Rule:
    rule = faults.Rule(**data)
    if rule.kind not in faults.KINDS:
        raise ValueError(f"kind is one of {', '.join(faults.KINDS)}")
    return rule


def _state(world: World) -> dict[str, Any]:
    with world.lock:
        world.tick()
        jobs = [{"kind": job.kind, "account": job.account, "status": job.status} for job in world.jobs]
        return {
            "seed": world.seed,
            "speed": world.speed,
            "jobs": jobs,
            "hits": [rule.hits for rule in world.faults.rules],
        }
