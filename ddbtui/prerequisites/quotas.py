"""Room within AWS's quotas: too little of it mostly means waiting, and is said before.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.errors import DENIED, suppress_codes
from ddbtui.aws.inventory import table_names
from ddbtui.aws.paging import pages
from ddbtui.prerequisites.base import Finding, Prerequisite, answering
from ddbtui.text import plural, size

EXPORTS = 300
IMPORTS = 50
TABLES = 2500
TABLES_QUOTA = "L-F98FE922"
TIB = 1024**4
IMPORT_BYTES = {"us-east-1": 15 * TIB, "us-west-2": 15 * TIB, "eu-west-1": 15 * TIB}
IMPORT_BYTES_ELSEWHERE = TIB


class ExportSlots(Prerequisite):
    """AWS runs at most 300 exports at a time."""

    id = "export-slots"
    title = "Room for the exports"

    @answering
    def check(self) -> Finding:
        """Count the exports that run in the source account."""
        client = self.move.source.client("dynamodb")
        running = pages(client.list_exports, "ExportSummaries", MaxResults=25)
        busy = sum(found["ExportStatus"] == "IN_PROGRESS" for found in running)
        return _slots(self, "export", busy, EXPORTS)

    def access(self) -> Sequence[Access]:
        """A list, which has no resource."""
        return [Access("source", "dynamodb:ListExports", "*", "count the exports that run")]


class ImportSlots(Prerequisite):
    """AWS runs at most 50 imports at a time."""

    id = "import-slots"
    title = "Room for the imports"

    @answering
    def check(self) -> Finding:
        """Count the imports that run in the target account."""
        client = self.move.target.client("dynamodb")
        running = pages(client.list_imports, "ImportSummaryList", PageSize=25)
        busy = sum(found["ImportStatus"] in ("IN_PROGRESS", "CANCELLING") for found in running)
        return _slots(self, "import", busy, IMPORTS)

    def access(self) -> Sequence[Access]:
        """A list, which has no resource."""
        return [Access("target", "dynamodb:ListImports", "*", "count the imports that run")]


class TableQuota(Prerequisite):
    """The target account may have that many tables more."""

    id = "table-quota"
    title = "Room for the new tables"

    @answering
    def check(self) -> Finding:
        """Count the target's tables and ask for its quota; the default is assumed where that may not be asked."""
        target = self.move.target
        count = sum(len(page) for page in table_names(target))
        own = service_quota(target, "dynamodb", TABLES_QUOTA)
        known, quota = own is not None, TABLES if own is None else int(own)
        new = len(self.move.tables)
        evidence = f"{plural(count, 'table')} in {target.region} and {new} more; the quota is {quota:,}" + (
            "." if known else " (AWS's default; this account's own was not to be had)."
        )
        if count + new <= quota:
            return self.finding("pass", evidence)
        advice = f"Raise quota {TABLES_QUOTA} of DynamoDB in the Service Quotas console, or move fewer tables."
        return self.finding("fail" if known else "warn", evidence, advice)

    def access(self) -> Sequence[Access]:
        """Two reads without a resource."""
        return [
            Access("target", "dynamodb:ListTables", "*", "count the tables"),
            Access("target", "servicequotas:GetServiceQuota", "*", "see how many tables the account may have"),
        ]


class ImportSize(Prerequisite):
    """All imports together may be 15 TB at a time in three regions, and 1 TB elsewhere."""

    id = "import-size"
    title = "The imports fit into AWS's size limit"

    @answering
    def check(self) -> Finding:
        """Add up the sizes in the inventory; asks AWS nothing."""
        region = self.move.target.region
        limit = IMPORT_BYTES.get(region, IMPORT_BYTES_ELSEWHERE)
        total = sum(moving.table.size_bytes for moving in self.move.tables)
        evidence = f"{size(total)} in all (by AWS's six-hourly figures); {region} takes {size(limit)} at a time."
        large = [m.name for m in self.move.tables if m.table.size_bytes > limit]
        if large:
            advice = "Choose another method for them, or ask AWS to raise the limit."
            return self.finding("fail", f"{evidence} Larger than that alone: {', '.join(large[:5])}.", advice)
        if total > limit:
            return self.finding("warn", evidence, "Move the tables in several plans, one after the other.")
        return self.finding("pass", evidence)

    def access(self) -> Sequence[Access]:
        """Nothing."""
        return ()


def _slots(prerequisite: Prerequisite, noun: str, busy: int, most: int) -> Finding:
    new = len(prerequisite.move.tables)
    evidence = f"{plural(busy, noun)} running and {new} to come; AWS runs {most} at a time."
    if busy + new <= most:
        return prerequisite.finding("pass", evidence)
    return prerequisite.finding("warn", evidence, f"ddbtui queues the {noun}s: the run takes longer.")


def service_quota(account: Account, service: str, quota: str) -> float | None:
    """Return a quota of an account, None where it may not be asked or was never set.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
    """
    with suppress_codes(*DENIED, "NoSuchResourceException"):
        answer = account.client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=quota)
        return float(answer["Quota"]["Value"])
    return None
