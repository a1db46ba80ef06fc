"""One segment of the source table into the target table: what a task of `copy_table` does."""

from __future__ import annotations

from dataclasses import dataclass

from ddbtui.methods.glue.jobs.driving import Written
from ddbtui.methods.glue.jobs.pace import Pace
from ddbtui.methods.glue.jobs.scanning import pages
from ddbtui.methods.glue.jobs.sessions import kept_client, kept_client_of_role
from ddbtui.methods.glue.jobs.writing import BatchWriter


@dataclass(frozen=True)
class Copying:
    """What all tasks need to know; Spark sends it to them.

    Args:
        source_table: the source table.
        source_region: its region.
        role_arn: role of the source account that may scan it.
        session_name: name of that role's sessions.
        segments: how many segments there are.
        rcu: read units a second for one task.
        table: the target table.
        region: its region, and the job's.
        key_names: its key attributes.
        wcu: write units a second for one task.
    """

    source_table: str
    source_region: str
    role_arn: str
    session_name: str
    segments: int
    rcu: float
    table: str
    region: str
    key_names: tuple[str, ...]
    wcu: float

    def __call__(self, segment: int) -> Written:
        """Copy one segment.

        Raises:
            JobFailed: a table can't be read or written to, or an item is refused.
        """
        source = kept_client_of_role("dynamodb", self.source_region, self.role_arn, self.session_name, self.region)
        writer = BatchWriter(kept_client("dynamodb", self.region), self.table, self.key_names, Pace(self.wcu))
        for page in pages(source, self.source_table, segment, self.segments, Pace(self.rcu)):
            for item in page:
                writer.put(item)
        writer.flush()
        return Written(writer.written, writer.retried)
