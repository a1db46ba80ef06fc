"""What AWS Glue checks in a job's definition and in what a run overrides, and the defaults that it fills in.

Ray and streaming jobs are refused, since nothing here could run them.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ddbtui.sandbox.glue.answers import invalid

MEMBERS = frozenset(
    {
        "JobMode",
        "JobRunQueuingEnabled",
        "Description",
        "LogUri",
        "Role",
        "ExecutionProperty",
        "Command",
        "DefaultArguments",
        "NonOverridableArguments",
        "Connections",
        "MaxRetries",
        "AllocatedCapacity",
        "Timeout",
        "MaxCapacity",
        "SecurityConfiguration",
        "NotificationProperty",
        "GlueVersion",
        "NumberOfWorkers",
        "WorkerType",
        "ExecutionClass",
        "MaintenanceWindow",
    }
)
_UNKNOWN = ("CodeGenConfigurationNodes", "SourceControlDetails")
# DPU a worker, and since which version of Glue.
_WORKERS: dict[str, tuple[float, float]] = {
    "Standard": (1, 0.9),
    "G.1X": (1, 0.9),
    "G.2X": (2, 0.9),
    "G.4X": (4, 3.0),
    "G.8X": (8, 3.0),
    "G.12X": (12, 4.0),
    "G.16X": (16, 4.0),
    "R.1X": (1, 4.0),
    "R.2X": (2, 4.0),
    "R.4X": (4, 4.0),
    "R.8X": (8, 4.0),
}
_MOST_WORKERS = {"G.1X": 299, "G.2X": 149}
_VERSIONS = ("0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0")
_NEWEST = _VERSIONS[-1]
_LONGEST = 7 * 24 * 60
_MOST_BYTES = 180_000


def version_of(definition: dict[str, Any]) -> float:
    """The version of Glue; `auto` is the newest."""
    version = definition["GlueVersion"]
    return float(_NEWEST if version == "auto" else version)


def complete(asked: dict[str, Any]) -> dict[str, Any]:
    """Check a definition and fill its defaults in.

    Args:
        asked: members of CreateJob or UpdateJob, without name and tags.

    Raises:
        AwsError: InvalidInputException.
    """
    for name in _UNKNOWN:
        if asked.get(name):
            raise invalid(f"The sandbox cannot run jobs with {name}")
    definition = {name: deepcopy(value) for name, value in asked.items() if name in MEMBERS and value is not None}
    if not definition.get("Role") or not definition.get("Command"):
        raise invalid("Role and Command are required")
    _check_command(definition)
    definition.setdefault("GlueVersion", _NEWEST)
    if definition["GlueVersion"] not in (*_VERSIONS, "auto"):
        raise invalid(f"Glue Version [{definition['GlueVersion']}] is not valid.")
    definition.setdefault("MaxRetries", 0)
    if not 0 <= definition["MaxRetries"] <= 10:
        raise invalid("MaxRetries must be between 0 and 10.")
    definition.setdefault("ExecutionProperty", {}).setdefault("MaxConcurrentRuns", 1)
    if not 1 <= definition["ExecutionProperty"]["MaxConcurrentRuns"] <= 1000:
        raise invalid("MaxConcurrentRuns must be between 1 and 1000.")
    definition.setdefault("Timeout", 480 if version_of(definition) >= 5 else 2880)
    for name in ("DefaultArguments", "NonOverridableArguments"):
        check_arguments(definition.setdefault(name, {}))
    return sized(definition)


def _check_command(definition: dict[str, Any]) -> None:
    command = definition["Command"]
    name = command.setdefault("Name", "glueetl")
    if name in ("gluestreaming", "glueray"):
        raise invalid(f"The sandbox cannot run {name} jobs")
    if name not in ("glueetl", "pythonshell"):
        raise invalid(f"Invalid command name {name}")
    command.setdefault("PythonVersion", "3")
    flex = definition.setdefault("ExecutionClass", "STANDARD") == "FLEX"
    if definition["ExecutionClass"] not in ("STANDARD", "FLEX") or (flex and name != "glueetl"):
        raise invalid(f"Execution class {definition['ExecutionClass']} is not valid for {name} jobs.")


def check_arguments(arguments: dict[str, Any]) -> None:
    """Arguments are strings, and all of them together no more than Glue takes: reports have it from about 180 KB on."""
    if any(not isinstance(value, str) for value in arguments.values()):
        raise invalid("Job arguments are strings")
    if sum(len(name.encode()) + len(value.encode()) for name, value in arguments.items()) > _MOST_BYTES:
        raise invalid("Request size limit exceeded")


def sized(definition: dict[str, Any]) -> dict[str, Any]:
    """Check workers, capacity and timeout of a job or of one run; add the capacity that follows from them.

    Raises:
        AwsError: InvalidInputException.
    """
    if not 1 <= definition["Timeout"] <= _LONGEST:
        raise invalid(f"Timeout must be between 1 and {_LONGEST} minutes.")
    worker, workers = definition.get("WorkerType"), definition.get("NumberOfWorkers")
    if worker is None and workers is None:
        return {**definition, "MaxCapacity": _capacity(definition)}
    if "MaxCapacity" in definition or "AllocatedCapacity" in definition:
        raise invalid("Please do not set Max Capacity if using Worker Type and Number of Workers.")
    if worker is None or workers is None:
        raise invalid("Please set both Worker Type and Number of Workers.")
    if definition["Command"]["Name"] == "pythonshell":
        raise invalid("Worker Type is not supported for Job Command pythonshell.")
    units, since = _WORKERS.get(worker, (0, 0))
    if not units or version_of(definition) < since:
        raise invalid(f"Worker type {worker} is not supported for Glue version {definition['GlueVersion']}.")
    if not 2 <= workers <= _MOST_WORKERS.get(worker, 299):
        raise invalid(f"Number of Workers must be between 2 and {_MOST_WORKERS.get(worker, 299)} for {worker}.")
    return {**definition, "MaxCapacity": float(units * workers)}


def _capacity(definition: dict[str, Any]) -> float:
    """DPUs of a job without a worker type."""
    given = definition.get("MaxCapacity") or definition.get("AllocatedCapacity")
    if definition["Command"]["Name"] == "pythonshell":
        if given not in (None, 0.0625, 1, 1.0):
            raise invalid("Max Capacity of a Python shell job is 0.0625 or 1.")
        return float(given or 0.0625)
    if given and version_of(definition) >= 2:
        raise invalid("Please set Worker Type and Number of Workers: Glue 2.0 and later take no Max Capacity.")
    if given and not 2 <= given <= 100:
        raise invalid("Max Capacity must be between 2 and 100.")
    return float(given or 10)


def units_of(definition: dict[str, Any]) -> float:
    """DPUs that run at a time."""
    return float(definition["MaxCapacity"])
