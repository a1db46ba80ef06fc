"""The loader `catalog` of `s3-glue`, as AWS's article has it: crawler, Data Catalog, ApplyMapping, Glue's own writer.

https://repost.aws/knowledge-center/dynamodb-cross-account-migration
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.arns import Arn
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.dataplane.census import Census
from ddbtui.engine.step import Json, Step, StepContext, StepFailed
from ddbtui.methods import prices
from ddbtui.methods.base import CostLine
from ddbtui.methods.glue.crawl import CrawlStep, table_prefix
from ddbtui.methods.glue.lossy import CensusExportStep, CheckTypesStep
from ddbtui.methods.glue.mapping import ITEM, corrections, mapping_of
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.rights import allow
from ddbtui.methods.glue.shares import least_shares, share_access, write_share
from ddbtui.methods.glue.way import Way
from ddbtui.methods.steps.declared import TableStep
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.catalog_database import CatalogDatabase, catalog_arns
from ddbtui.prerequisites.catalog_encryption import CatalogEncryption
from ddbtui.prerequisites.lake_formation import LakeFormation
from ddbtui.prerequisites.role_reading import Statement
from ddbtui.text import plural, shown

_CRAWLS = (
    *("glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable"),
    *("glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:BatchCreatePartition"),
)
"""What crawler and job do in the Data Catalog.

Inferred from what crawlers do: AWS documents no list, but AWSGlueServiceRole, which has `glue:*`, or a scoped-down one.
https://docs.aws.amazon.com/glue/latest/dg/crawler-prereqs.html
"""
_MAYBE_CRAWLS = ("glue:GetDatabases", "glue:UpdatePartition")
"""What they may do beside, as may be that they look up the bucket's region. Not asked of a role that the plan names."""
_CRAWL_MINUTES = 10
_CRAWL_DPU = 2
_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")


class MapStep(TableStep):
    """Looks at what the crawler made, and says what each attribute becomes: as DynamoDB has it, not as it looks."""

    name = "map-types"
    title = "Map names and types"

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._places = Places(move)

    def access(self) -> Sequence[Access]:
        """Read the tables of the database."""
        database = self._places.database
        arns = catalog_arns(self.move.target, f"database/{database}", f"table/{database}/*")
        return [Access("target", "glue:GetTables", arn, "see what the crawler made of the export") for arn in arns]

    def start(self, ctx: StepContext) -> Json:
        """Find the crawler's table, compare and map."""
        table = self._crawled(ctx)
        columns = table["StorageDescriptor"]["Columns"]
        found = next((column for column in columns if column["Name"].lower() == ITEM.lower()), None)
        if found is None:
            names = ", ".join(shown(column["Name"], 60) for column in columns[:5])
            raise StepFailed(f"the crawler saw no {ITEM} in the export, but {names or 'nothing'}", _HINT)
        census = Census.from_json(ctx.result("check-export")["census"])
        corrected = corrections(census, str(found["Type"]), self.moving.table)
        for one in corrected:
            ctx.log(f"the crawler's table is corrected: {shown(one, 200)}")
        return {"table": table["Name"], "mapping": mapping_of(census), "corrected": corrected}

    def _crawled(self, ctx: StepContext) -> Mapping[str, Any]:
        prefix, database = table_prefix(ctx.run_id, self.moving.name), self._places.database
        listed = self.move.target.client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
        found = [table for page in listed for table in page["TableList"] if table["Name"].startswith(prefix)]
        if len(found) != 1:
            names = ", ".join(shown(table["Name"], 100) for table in found[:5]) or "none"
            raise StepFailed(f"the crawler should have made one table, but made {names}", _HINT)
        return dict(found[0])


_HINT = "Files of different form are several tables to a crawler. Use loader: lossless, which needs no crawler."


class CatalogLoader(Way):
    """Glue reads the crawler's table from the Data Catalog, and its own writer writes."""

    script = "load_catalog"
    reading = CensusExportStep

    def arguments(self, ctx: StepContext, move: Move, moving: MovingTable) -> Mapping[str, str]:
        """The Data Catalog table, how its fields are mapped, and the share of the capacity."""
        mapped = ctx.result("map-types")
        return {
            "database": Places(move).database,
            "catalog_table": mapped["table"],
            "mapping": json.dumps(mapped["mapping"], separators=(",", ":")),
            "items": str(ctx.result("export")["items"]),
            "write_percent": write_share(move, moving),
        }

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Refuse what can't be carried, then crawl and map."""
        return CheckTypesStep(move, moving, "catalog"), CrawlStep(move, moving), MapStep(move, moving)

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """The database, its key, and who may use it; the role is looked at before."""
        places = Places(move)
        database = places.database
        location = f"{places.staging.bucket_arn}/{places.staging.prefix}".rstrip("/")
        lake = LakeFormation(move, database, places.job_role, location)
        return (
            *(CatalogDatabase(move, database), CatalogEncryption(move, places.job_role), lake),
            *least_shares(move, "loader: lossless"),
        )

    def access(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """See how many units the table has."""
        return share_access(move, moving)

    def costs(self, tables: Sequence[Table]) -> Iterable[CostLine]:
        """One crawl a table, for the ten minutes that Glue bills at least. Its two DPU are those of AWS's own example.

        https://aws.amazon.com/glue/pricing/
        """
        minutes = len(tables) * _CRAWL_MINUTES
        quantity = f"{plural(len(tables), 'crawl')}, {_CRAWL_DPU} DPU for at least {_CRAWL_MINUTES} min each"
        yield CostLine("Crawl the exports", quantity, minutes / 60 * _CRAWL_DPU * prices.GLUE_DPU_HOUR)

    def statements(self, move: Move) -> Sequence[Statement]:
        """Crawl, and log that."""
        places, target = Places(move), move.target
        database = places.database
        inside = catalog_arns(target, f"database/{database}", f"table/{database}/*")
        logs = Arn(target.partition, "logs", target.region, target.account_id, "log-group:/aws-glue/crawlers*")
        known = [allow(_CRAWLS, *inside), allow(_LOGS, str(logs))]
        if not places.makes_job_role:
            return known
        return [*known, allow(_MAYBE_CRAWLS, *inside), allow(("s3:GetBucketLocation",), places.staging.bucket_arn)]

    def removal(self, move: Move) -> Sequence[Access]:
        """The table's crawler and its Data Catalog table."""
        places = Places(move)
        inside = catalog_arns(move.target, f"database/{places.database}", f"table/{places.database}/*")
        return [
            Access("target", "glue:DeleteCrawler", places.crawlers_arn, "remove the crawler", changes=True),
            *(Access("target", "glue:GetTables", arn, "find the crawler's tables") for arn in inside),
            *(Access("target", "glue:DeleteTable", arn, "remove the crawler's table", changes=True) for arn in inside),
        ]
