"""What the simulated AWS Glue holds: jobs, the Data Catalog, crawlers, connections and tags. Wiped with the world.

Runs of jobs and crawls are among the world's jobs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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
class Database:
    """A database of the Data Catalog.

    Args:
        given: the members of DatabaseInput but the name.
    """

    account: str
    region: str
    name: str
    given: dict[str, Any]
    created: float

    @property
    def arn(self) -> str:
        """The database's ARN."""
        return f"arn:aws:glue:{self.region}:{self.account}:database/{self.name}"


@dataclass
class Table:
    """A table of the Data Catalog.

    Args:
        given: the members of TableInput but the name.
        maker: ARN of whom made it.
        version: counts updates.
    """

    database: Database
    name: str
    given: dict[str, Any]
    created: float
    updated: float
    maker: str
    version: int = 0


@dataclass
class Crawler:
    """A crawler; its crawls are among the world's jobs.

    Args:
        given: the members of CreateCrawler but name and tags.
        last: its LastCrawl, if it ever crawled.
    """

    account: str
    region: str
    name: str
    given: dict[str, Any]
    created: float
    updated: float
    version: int = 1
    last: dict[str, Any] | None = None

    @property
    def arn(self) -> str:
        """The crawler's ARN."""
        return f"arn:aws:glue:{self.region}:{self.account}:crawler/{self.name}"


@dataclass
class Connection:
    """A connection, by which a job reaches into a VPC.

    Args:
        given: the members of ConnectionInput but the name.
    """

    account: str
    region: str
    name: str
    given: dict[str, Any]
    created: float


@dataclass
class GlueState:
    """Everything, by account, region and name.

    Args:
        tables: by database, too.
        engine: what runs Spark jobs, if it is not as the sandbox was started: `auto`, `spark` or `substitute`.
        used: what ran the last job.
        encryption: the settings of each account's Data Catalog, by region, where they were changed.
        fails_without_room: whether a run beyond a quota is taken and then fails, instead of being refused.
        driver_streams: whether the log streams of Glue 5.0 are named as AWS's page has it instead of as runs show it.
    """

    jobs: dict[Named, GlueJob] = field(default_factory=dict)
    databases: dict[Named, Database] = field(default_factory=dict)
    tables: dict[tuple[str, str, str, str], Table] = field(default_factory=dict)
    crawlers: dict[Named, Crawler] = field(default_factory=dict)
    connections: dict[Named, Connection] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    encryption: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    engine: str | None = None
    used: str | None = None
    fails_without_room: bool = False
    driver_streams: bool = False

    def own_jobs(self, account: str, region: str) -> list[GlueJob]:
        """The jobs of one account and region, by name."""
        found = [job for job in self.jobs.values() if (job.account, job.region) == (account, region)]
        return sorted(found, key=lambda job: job.name)

    def tables_of(self, database: Database) -> list[Table]:
        """The tables of a database, by name."""
        found = [table for table in self.tables.values() if table.database is database]
        return sorted(found, key=lambda table: table.name)
