"""One crawl: its states, and the tables that it makes or changes in the Data Catalog, all in its role's name.

https://docs.aws.amazon.com/glue/latest/dg/add-crawler.html
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from moto.logs.models import logs_backends

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.glue import roles
from ddbtui.sandbox.glue.crawl_files import Group, read_target
from ddbtui.sandbox.glue.state import Crawler, Database, Table
from ddbtui.sandbox.glue.tables import change_table, put_table
from ddbtui.sandbox.glue.types import columns_of
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.iam.service_roles import as_principal
from ddbtui.sandbox.jobs import Job, JobFailed
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

RUNNING_SECONDS = 0.8
STOPPING_SECONDS = 0.2
LOG_GROUP = "/aws-glue/crawlers"
_SESSION = "AWS-Crawler"
_ENDS = ("SUCCEEDED", "FAILED", "CANCELLED")


class Crawl(Job):
    """One crawl.

    Args:
        crawler: as it is now.
    """

    kind = "crawl"

    def __init__(self, world: World, principal: Principal, crawler: Crawler) -> None:
        super().__init__(world, principal, crawler.region, {}, RUNNING_SECONDS)
        self.crawler = crawler
        self.status = "RUNNING"
        self.outcome = ""
        self.message: str | None = None
        self.prefix = str(uuid4())

    @property
    def role(self) -> Principal:
        """The crawler's role, as it works in it."""
        return as_principal(roles.role_arn(self.crawler.given["Role"], self.account), _SESSION)

    def advance(self, world: World) -> None:
        """Crawl when it is time; be STOPPING for a while after that, and then over."""
        if self.ended or world.now() < self.due:
            return
        if not self.outcome:
            held = self.fault.code if self.fault else ""
            if held and held not in _ENDS:
                self.status = held
                return
            self._crawl(world)
            self.stopping(world)
        if world.now() >= self.due:
            self._end(world)

    def stopping(self, world: World, outcome: str = "") -> None:
        """Come to an end; a crawl that is stopped before its work is CANCELLED."""
        self.outcome = outcome or self.outcome
        self.status = "STOPPING"
        self.due = world.after(STOPPING_SECONDS)

    def _crawl(self, world: World) -> None:
        try:
            if self.fault and self.fault.code:
                raise JobFailed(self.fault.code, self.fault.message)
            self.work(world)
            self.outcome = "SUCCEEDED"
        except JobFailed as failure:
            self.outcome, self.message = failure.code, failure.message
        except AwsError as error:
            self.outcome, self.message = "FAILED", error.message
        self._log(world)

    def _end(self, world: World) -> None:
        self.finished, self.status = world.now(), self.outcome
        self.crawler.last = {
            "Status": self.outcome,
            "ErrorMessage": self.message,
            "LogGroup": LOG_GROUP,
            "LogStream": self.crawler.name,
            "MessagePrefix": self.prefix,
            "StartTime": self.started,
        }

    def work(self, world: World) -> None:
        """Read all targets, and make or change their tables."""
        role = self.role
        if not roles.assumable(world, role.iam_arn):
            raise JobFailed("FAILED", "Service is unable to assume provided role. Please verify role's TrustPolicy")
        given = self.crawler.given
        name = str(given.get("DatabaseName", "")).lower()
        self._use(world, "glue:GetDatabase", name)
        database = world.glue.databases.get((self.account, self.region, name))
        if database is None:
            raise JobFailed("FAILED", f"Database {name} not found.")
        policy = json.loads(given.get("Configuration") or "{}").get("Grouping", {}).get("TableGroupingPolicy")
        for target in given["Targets"]["S3Targets"]:
            for group in read_target(world, role, target, combine=policy == "CombineCompatibleSchemas"):
                self._catalog(world, database, group, target)

    def _use(self, world: World, action: str, database: str, table: str = "") -> None:
        """Use an action on the catalog and all that lies above the object."""
        parts = ["catalog", f"database/{database}", *([f"table/{database}/{table}"] if table else [])]
        for part in parts:
            use = Use(action, f"arn:aws:glue:{self.region}:{self.account}:{part}")
            reason = dependent(world, self.role, use, "crawl")
            if reason:
                raise JobFailed("FAILED", reason)

    def _catalog(self, world: World, database: Database, group: Group, target: dict[str, Any]) -> None:
        name = str(self.crawler.given.get("TablePrefix") or "") + group.name
        given = self._table_input(group, target)
        held = self._held(world, database, name)
        if held is not None and held.given["StorageDescriptor"]["Location"] != group.location:
            name += f"_{uuid4().hex}"  # two folders of one name
            held = self._held(world, database, name)
        if held is None:
            self._use(world, "glue:CreateTable", database.name, name)
            put_table(world, self.role, database, name, given)
        elif self.crawler.given["SchemaChangePolicy"]["UpdateBehavior"] == "UPDATE_IN_DATABASE":
            self._use(world, "glue:UpdateTable", database.name, name)
            change_table(world, self.role, held, given)

    def _held(self, world: World, database: Database, name: str) -> Table | None:
        self._use(world, "glue:GetTable", database.name, name)
        return world.glue.tables.get((self.account, self.region, database.name, name))

    def _table_input(self, group: Group, target: dict[str, Any]) -> dict[str, Any]:
        records = [record for each in group.files for record in each.records or ()]
        size = sum(each.size for each in group.files)
        known = all(each.records is not None for each in group.files)
        compressed = any(each.compressed for each in group.files)
        parameters = {
            "UPDATED_BY_CRAWLER": self.crawler.name,
            "CrawlerSchemaDeserializerVersion": "1.0",
            "CrawlerSchemaSerializerVersion": "1.0",
            "classification": "json" if known else "UNKNOWN",
            "compressionType": "gzip" if compressed else "none",
            "typeOfData": "file",
            "objectCount": str(len(group.files)),
            "recordCount": str(len(records)),
            "sizeKey": str(size),
            "averageRecordSize": str(size // max(1, len(records))),
            "exclusions": json.dumps([f"{target['Path']}{each}" for each in target.get("Exclusions") or ()]),
        }
        columns = columns_of(records)
        paths = ",".join(sorted({name for each in group.files for name in each.columns}))
        storage = {
            "Columns": columns,
            "Location": group.location,
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "Compressed": compressed,
            "NumberOfBuckets": -1,
            "SerdeInfo": {
                "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
                "Parameters": {"paths": paths},
            },
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": parameters,
            "StoredAsSubDirectories": False,
        }
        return {
            "Owner": "owner",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [],
            "Parameters": parameters,
            "StorageDescriptor": storage,
        }

    def _log(self, world: World) -> None:
        """One line on how it ended, as far as the role may write it."""
        arn = f"arn:aws:logs:{self.region}:{self.account}:log-group:{LOG_GROUP}"
        stream = f"{arn}:log-stream:{self.crawler.name}"
        uses = [Use("logs:CreateLogStream", stream), Use("logs:PutLogEvents", stream)]
        backend = logs_backends[self.account][self.region]
        if LOG_GROUP not in backend.groups:
            uses.insert(0, Use("logs:CreateLogGroup", f"{arn}:*"))
        if any(dependent(world, self.role, use, "crawl") for use in uses):
            return
        backend.ensure_log_group(LOG_GROUP)
        group = backend.groups[LOG_GROUP]
        if self.crawler.name not in group.streams:
            group.create_log_stream(self.crawler.name)
        text = f"[{self.prefix}] {'ERROR : ' + self.message if self.message else 'BENCHMARK : Crawler has finished'}"
        group.put_log_events(self.crawler.name, [{"timestamp": int(world.now() * 1000), "message": text}])

    def describe(self, world: World) -> dict[str, Any]:
        """What GetCrawler tells of a crawl that goes on."""
        return {"State": self.status, "CrawlElapsedTime": int((world.now() - self.started) * 1000)}
