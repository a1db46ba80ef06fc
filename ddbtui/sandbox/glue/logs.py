"""What a run of a Glue job writes into CloudWatch Logs, in its role's name.

The driver's stream is named after the run, as runs of Glue 5.0 show it; its page says `<run>-driver`, which tests can
switch on. https://github.com/awslabs/amazon-dynamodb-tools/issues/284

Glue 5.0 and later: what the script prints, to either stream, is in `output`, what Glue has to say in `error`. Before,
what it prints to stderr is in `error`, and continuous logging has both in `logs-v2`, too.
https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.logs.models import logs_backends

from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.uses import Use

if TYPE_CHECKING:
    from ddbtui.sandbox.world import World

GROUPS = "/aws-glue/jobs"
_LONGEST = 250_000


class RunLog:
    """The log streams of one run; what the role may not write is not there.

    Args:
        world: gives the clock, and is locked by the caller in all methods.
        role: in whose name.
        stream: name of the stream in each group: the run's id, as a rule.
        live: whether the version of Glue is 5.0 or later.
        arguments: of the job.
    """

    def __init__(
        self, world: World, role: Principal, region: str, stream: str, *, live: bool, arguments: dict[str, str]
    ) -> None:
        self._backend = logs_backends[role.account][region]
        self._stream = f"{stream}-driver" if live and world.glue.driver_streams else stream
        start = arguments.get("--custom-logGroup-prefix") or GROUPS
        continuous = not live and arguments.get("--enable-continuous-cloudwatch-log", "").lower() == "true"
        both = [f"{start}/logs-v2"] if continuous else []
        self._groups = {
            "stdout": [f"{start}/output", *both],
            "stderr": [f"{start}/{'output' if live else 'error'}", *both],
            "system": [f"{start}/error", *both],
        }
        names = sorted({name for names in self._groups.values() for name in names})
        self._open = {name for name in names if self._make(world, role, region, name)}

    def _make(self, world: World, role: Principal, region: str, group: str) -> bool:
        arn = f"arn:aws:logs:{region}:{role.account}:log-group:{group}"
        stream = f"{arn}:log-stream:{self._stream}"
        needed = [Use("logs:CreateLogStream", stream), Use("logs:PutLogEvents", stream)]
        if group not in self._backend.groups:
            needed.insert(0, Use("logs:CreateLogGroup", f"{arn}:*"))
        if any(dependent(world, role, use, "glue") for use in needed):
            return False
        self._backend.ensure_log_group(group)
        if self._stream not in self._backend.groups[group].streams:
            self._backend.create_log_stream(group, self._stream)
        return True

    def write(self, world: World, source: str, text: str) -> None:
        """Write one event.

        Args:
            world: gives the clock.
            source: `stdout`, `stderr` or `system`.
            text: one or more lines; an empty one is not written, as CloudWatch Logs takes none.
        """
        event = {"timestamp": int(world.now() * 1000), "message": text[:_LONGEST]}
        for name in self._groups[source] if text else ():
            group = self._backend.groups.get(name) if name in self._open else None
            if group is not None and self._stream in group.streams:
                # Past the check of times in the backend: the world's clock may be ahead.
                group.put_log_events(self._stream, [event])
