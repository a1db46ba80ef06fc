"""The sandbox's own endpoints, all JSON, under `/_sandbox/`.

- `GET  calls`: every call with the IAM actions it needed; `POST calls/clear`
- `POST faults {"rules": [...]}`: replaces the rules for calls; `POST job-faults {"jobs": [...]}` those for jobs
- `POST propagation {"seconds": n}`: how long new bucket and key policies take to come into effect, and
  new roles to be known to AWS Backup and Glue
- `POST organization {"same": true, "features": "ALL", "manager": ..., "sharing": false}`: whether both accounts are in
  one organization, who manages it, and whether AWS RAM shares within it without invitations;
  null: in none
- `POST clock {"seconds": n}`: puts the clock forward, so that backup plans run
- `POST speed {"speed": x}`; `POST reset {"seed": ..., "speed": ...}`
- `POST quota {"account": ..., "service": "glue", "code": "L-...", "value": n}`: an account's own value of a quota
- `POST glue {"engine": "auto"}`: what runs Glue's Spark jobs until the next reset: `auto`, `spark` or `substitute`;
  `GET glue` tells it, and what ran the last one
- `POST glue {"fails_without_room": true}`: a run beyond a quota is taken and then fails, instead of being refused
- `POST glue {"driver_streams": true}`: the log streams of Glue 5.0 are named as AWS's page has it, not as runs show it
- `GET  state`: counts for tests, e.g. how many exports there are
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ddbtui.sandbox import faults, seeding
from ddbtui.sandbox.answers import Answer, json_answer
from ddbtui.sandbox.glue import engine
from ddbtui.sandbox.organizations_service import put_together
from ddbtui.sandbox.world import World


def answer(world: World, method: str, path: str, body: bytes) -> Answer:
    """Answer one control call; a mistake in it is answered with 400 and a sentence."""
    try:
        return json_answer(_carry_out(world, method, path.removeprefix("/_sandbox/"), json.loads(body or b"{}")))
    except (KeyError, TypeError, ValueError) as error:
        return json_answer({"error": f"{type(error).__name__}: {error}"}, 400)


def _carry_out(world: World, method: str, what: str, data: dict[str, Any]) -> Any:
    if method == "GET" and what in _LOOKS:
        return _LOOKS[what](world)
    if method != "POST" or what not in _CHANGES:
        raise ValueError(f"unknown: {method} {what}")
    _CHANGES[what](world, data)
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


def _engine(world: World) -> dict[str, Any]:
    return {"engine": engine.engine_of(world).name, "used": world.glue.used}


def _set_faults(world: World, data: dict[str, Any]) -> None:
    world.faults.rules = [_rule(rule) for rule in data["rules"]]


def _set_job_faults(world: World, data: dict[str, Any]) -> None:
    world.faults.jobs = [faults.JobFault(**fault) for fault in data["jobs"]]


def _set_engine(world: World, data: dict[str, Any]) -> None:
    world.glue.engine = engine.checked(data.get("engine") or engine.engine_of(world).name)
    world.glue.fails_without_room = bool(data.get("fails_without_room", world.glue.fails_without_room))
    world.glue.driver_streams = bool(data.get("driver_streams", world.glue.driver_streams))


def _put_clock_forward(world: World, data: dict[str, Any]) -> None:
    world.ahead += float(data["seconds"])


def _set_propagation(world: World, data: dict[str, Any]) -> None:
    world.propagation = float(data["seconds"])


def _set_quota(world: World, data: dict[str, Any]) -> None:
    world.quotas[data["account"], data["service"], data["code"]] = float(data["value"])


def _set_speed(world: World, data: dict[str, Any]) -> None:
    world.speed = float(data["speed"])


_LOOKS: dict[str, Callable[[World], Any]] = {
    "calls": lambda world: list(world.recorder.calls),
    "glue": _engine,
    "state": _state,
}
_CHANGES: dict[str, Callable[[World, dict[str, Any]], None]] = {
    "calls/clear": lambda world, _: world.recorder.calls.clear(),
    "clock": _put_clock_forward,
    "faults": _set_faults,
    "glue": _set_engine,
    "job-faults": _set_job_faults,
    "organization": lambda world, data: put_together(world, **data),
    "propagation": _set_propagation,
    "quota": _set_quota,
    "reset": lambda world, data: seeding.reset(world, data.get("seed"), data.get("speed")),
    "speed": _set_speed,
}
