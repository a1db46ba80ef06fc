"""A crawler that looks at a table's export and makes a Data Catalog table of it.

https://docs.aws.amazon.com/glue/latest/dg/add-crawler.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, suppress_codes
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.settle import settle
from ddbtui.engine.step import Done, Json, Progress, Resource, StepContext, StepFailed
from ddbtui.methods.base import RUN_TAG
from ddbtui.methods.glue.places import Places
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.room import no_room_to_keep
from ddbtui.prerequisites.glue_capacity import CRAWLERS_QUOTA
from ddbtui.text import shown

_ONE_TABLE = '{"Version":1.0,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas"}}'
"""Files whose items differ stay one table. https://docs.aws.amazon.com/glue/latest/dg/crawler-grouping-policy.html"""
_PATIENCE = timedelta(minutes=10)


def table_prefix(run_id: str, table: str) -> str:
    """Return how the names of the Data Catalog tables begin that a table's crawler makes."""
    run = "".join(char if char.isalnum() else "_" for char in run_id.lower())
    return f"{run}_{hashlib.sha256(table.encode()).hexdigest()[:12]}_"


class CrawlStep(TableStep):
    """Makes the crawler, starts it and waits for its end.

    `StartCrawler` takes no token, but a crawler crawls once at a time, and crawling again makes the same table again.
    """

    name = "crawl"
    title = "Crawl the export"
    unattended = True

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._places = Places(move)

    def access(self) -> Sequence[Access]:
        """Make it, with a tag and a role; start, follow and stop it."""
        return [
            self._needs("CreateCrawler", "make the crawler", changes=True),
            self._needs("TagResource", "mark the crawler as this run's"),
            self._places.pass_role(),
            self._needs("GetCrawler", "follow the crawler"),
            self._needs("StartCrawler", "crawl the export", changes=True),
            # No line of the dry run: it takes a person who gives the run up.
            self._needs("StopCrawler", "stop the crawler of a run that is given up"),
        ]

    def _needs(self, action: str, why: str, changes: bool = False) -> Access:
        return Access("target", f"glue:{action}", self._places.crawlers_arn, why, changes)

    def find(self, ctx: StepContext) -> Json | None:
        """Find a crawl that goes on, or the first one if it is over: its name has the run's id in it."""
        name = self._name(ctx)
        with suppress_codes("EntityNotFoundException"):
            found = self._described(name)
            if found["State"] == "READY" and (ctx.attempt > 1 or not _last(found)):
                return None
            before = "" if found["State"] == "READY" else _last(found)
            return {"crawler": name, "before": before, "at": ctx.now().isoformat()}
        return None

    def _name(self, ctx: StepContext) -> str:
        return self._places.job_name(ctx.run_id, self.moving.name)

    def start(self, ctx: StepContext) -> Json:
        """Make and start it, as far as an interrupted start has not."""
        name, prefix = self._name(ctx), table_prefix(ctx.run_id, self.moving.name)
        data = {"database": self._places.database, "prefix": prefix}
        ctx.record(Resource("catalog-table", "target", f"{self._places.database}.{prefix}*", "remove", data))
        ctx.record(Resource("crawler", "target", name, "remove", {"crawler": name}))
        self._create(name, prefix, ctx)
        before = _last(self._described(name))
        with suppress_codes("CrawlerRunningException"):
            self._glue().start_crawler(Name=name)
        return {"crawler": name, "before": before, "at": ctx.now().isoformat()}

    def _create(self, name: str, prefix: str, ctx: StepContext) -> None:
        wanted: dict[str, Any] = {
            "Role": self._places.job_role,
            "DatabaseName": self._places.database,
            "Targets": {"S3Targets": [{"Path": self._places.url(ctx.result("export")["data_prefix"])}]},
            "TablePrefix": prefix,
            "Configuration": _ONE_TABLE,
        }
        more = {"Description": f"ddbtui run {ctx.run_id}, table {self.moving.name}", "Tags": {RUN_TAG: ctx.run_id}}
        try:  # a role that was made a moment ago is not known to Glue yet
            settle(lambda: self._glue().create_crawler(Name=name, **more, **wanted), {"InvalidInputException"})
        except Exception as error:
            if code(error) == "ResourceNumberLimitExceededException":
                raise no_room_to_keep(self.move, "crawler", CRAWLERS_QUOTA, error) from error
            if code(error) != "AlreadyExistsException":
                raise
            self._compare(name, wanted)

    def _compare(self, name: str, wanted: Mapping[str, Any]) -> None:
        """The name has the run's id in it, so only somebody's change makes it look otherwise."""
        found = self._described(name)
        paths = [each["Path"] for each in found.get("Targets", {}).get("S3Targets", ())]
        if paths != [wanted["Targets"]["S3Targets"][0]["Path"]] or found.get("TablePrefix") != wanted["TablePrefix"]:
            raise StepFailed(
                f"a crawler {shown(name)} exists already and crawls something else",
                "It carries this run's id, so somebody has changed it. Delete it, then `ddbtui resume`.",
            )

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Ask Glue how it goes; READY says that it is over, and the last crawl how it ended."""
        found = self._described(handle["crawler"])
        state = str(found["State"])
        if state in ("RUNNING", "STOPPING"):
            return Progress(state)
        if state != "READY":
            raise StepFailed(f"unknown state {shown(state, 60)} of crawler {shown(handle['crawler'])}")
        if _last(found) == handle["before"]:
            if ctx.now() - datetime.fromisoformat(handle["at"]) > _PATIENCE:
                raise StepFailed(
                    f"crawler {shown(handle['crawler'])} did not start", "`ddbtui resume` starts it again."
                )
            return Progress("starting")
        return self._ended(handle["crawler"], found["LastCrawl"])

    def _ended(self, name: str, crawl: Mapping[str, Any]) -> Done:
        status = str(crawl["Status"])
        if status == "SUCCEEDED":
            return Done({"crawler": name})
        if status not in ("FAILED", "CANCELLED"):
            raise StepFailed(f"unknown status {shown(status, 60)} of the last crawl of {shown(name)}")
        why = shown(crawl.get("ErrorMessage") or "no reason given")
        raise StepFailed(
            f"crawler {shown(name)} ended {status}: {why}",
            f"See log group {shown(crawl.get('LogGroup', '/aws-glue/crawlers'))}, stream "
            f"{shown(crawl.get('LogStream', name))}. `ddbtui resume` crawls again.",
        )

    def cancel(self, ctx: StepContext, handle: Json) -> bool:
        """Stop the crawler."""
        with suppress_codes("CrawlerNotRunningException", "CrawlerStoppingException", "EntityNotFoundException"):
            self._glue().stop_crawler(Name=handle["crawler"])
        return True

    def _described(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._glue().get_crawler(Name=name)["Crawler"]
        return found

    def _glue(self) -> Any:
        return self.move.target.client("glue")


def _last(crawler: Mapping[str, Any]) -> str:
    """When the last crawl that is over began; empty if there is none."""
    began = crawler.get("LastCrawl", {}).get("StartTime")
    return began.isoformat() if began else ""
