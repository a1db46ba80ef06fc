"""What the simulated AWS Glue holds: jobs, the Data Catalog, crawlers, connections and tags. Wiped with the world.

Runs of jobs and crawls are among the world's jobs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, str]
Named = tuple[str, str, str]


@dataclass
class GlueJob:
    """A job's definition.

    Args:
        definition: the members of CreateJob or UpdateJob, defaults filled in, without name and tags.
        asked: the same as the caller gave them, by which a repeated CreateJob is told from another one.
        created: epoch seconds.
        modified: epoch seconds.
    """

    account: str
    region: str
    name: str
    definition: dict[str, Any]
    asked: dict[str, Any]
    created: float
    modified: float

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return f"arn:aws:glue:{self.region}:{self.account}:job/{self.name}"

    @property
    def is_spark(self) -> bool:
        """Whether it is an ETL job, not a Python shell job."""
        return bool(self.definition["Command"]["Name"] == "glueetl")


@dataclass
class GlueState:
    """Everything, by account, region and name.

    Args:
        engine: what runs Spark jobs, if it is not as the sandbox was started: `auto`, `spark` or `substitute`.
        used: what ran the last job.
    """

    jobs: dict[Named, GlueJob] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    engine: str | None = None
    used: str | None = None

    def own_jobs(self, account: str, region: str) -> list[GlueJob]:
        """The jobs of one account and region, by name."""
        found = [job for job in self.jobs.values() if (job.account, job.region) == (account, region)]
        return sorted(found, key=lambda job: job.name)
