"""Reads a table's inventory: everything that describes it, by the calls of aws-facts 1.1.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.definition import billing_mode, definition, insights_mode, recovery
from ddbtui.aws.errors import code, explain, is_denied, suppress_codes
from ddbtui.aws.scaling import READS, read_scaling
from ddbtui.aws.table import Encryption, Scaling, Table
from ddbtui.plan.model import Side

PER_TABLE: tuple[tuple[str, str], ...] = (
    ("dynamodb:DescribeTable", "read the table's definition"),
    ("dynamodb:DescribeContinuousBackups", "read point-in-time recovery"),
    ("dynamodb:DescribeTimeToLive", "read time to live"),
    ("dynamodb:ListTagsOfResource", "read the tags"),
    ("dynamodb:GetResourcePolicy", "read the resource policy"),
    ("dynamodb:DescribeKinesisStreamingDestination", "see Kinesis destinations"),
)
"""What every inventory calls on the table itself."""
_NOT_OFFERED = frozenset({"UnknownOperationException", "UnsupportedOperationException"})
"""What a region (or another implementation of DynamoDB) answers to calls that it does not have."""


def table_names(account: Account) -> Iterator[list[str]]:
    """Yield the names of all tables of the account's region, a page (up to 100 names) at a time.

    Raises:
        UserError: the account can't list its tables.
    """
    try:
        for page in account.client("dynamodb").get_paginator("list_tables").paginate():
            yield list(page["TableNames"])
    except Exception as error:
        raise explain(error, f"{account.side}: list the tables in {account.region}", account.ref.profile) from error


def table_arn(account: Account, name: str) -> str:
    """Return the ARN of a table in the account's region."""
    return f"arn:{account.partition}:dynamodb:{account.region}:{account.account_id}:table/{name}"


def inventory_access(account: Account, side: Side, tables: Sequence[Table | str], lists: bool = True) -> list[Access]:
    """Declare what `table_names` and `read_table` need.

    Args:
        account: gives region, account id and partition of the ARNs.
        side: the side that reads.
        tables: with a `Table` the list is exact; with a bare name it holds all that may be called.
        lists: whether `table_names` is called too (patterns, or a wizard that shows all tables).
    """
    found = [Access(side, "dynamodb:ListTables", "*", "find the tables")] if lists else []
    for table in tables:
        arn = table_arn(account, table if isinstance(table, str) else table.name)
        found += [Access(side, action, arn, why) for action, why in PER_TABLE]
        key = _key_to_describe(account, table)
        if key:
            found.append(Access(side, "kms:DescribeKey", key, "tell AWS's key from the customer's"))
    if tables:
        found.append(Access(side, "dynamodb:ListContributorInsights", "*", "see Contributor Insights"))
    if any(isinstance(table, str) or table.billing == "PROVISIONED" for table in tables):
        found += [Access(side, action, "*", "read auto scaling") for action in READS]
    return list(dict.fromkeys(found))


def _key_to_describe(account: Account, table: Table | str) -> str | None:
    if isinstance(table, str):
        return f"arn:{account.partition}:kms:{account.region}:*:key/*"
    return table.encryption.key_arn


def find_table(account: Account, name: str) -> dict[str, Any] | None:
    """Return what DescribeTable tells of a table, or None if there is none. Other errors of AWS pass through."""
    with suppress_codes("ResourceNotFoundException"):
        found: dict[str, Any] = account.client("dynamodb").describe_table(TableName=name)["Table"]
        return found
    return None


def read_table(account: Account, name: str) -> Table:
    """Read the full inventory of a table.

    A setting whose call is denied, or not offered in the region, keeps its default and is named in `Table.unknown`.

    Raises:
        UserError: the table does not exist or can't be described, or another call fails for another reason.
    """
    what = f"{account.side}: read table {name} in {account.region}"
    try:
        described = account.client("dynamodb").describe_table(TableName=name)["Table"]
        return _Reader(account, described).table()
    except Exception as error:
        if code(error) in ("ResourceNotFoundException", "TableNotFoundException"):
            raise explain(error, f"{what}: there is no such table") from error
        raise explain(error, what, account.ref.profile) from error


class _Reader:
    """Reads what `describe_table` leaves out, and notes what it may not read."""

    def __init__(self, account: Account, described: Mapping[str, Any]) -> None:
        self.account = account
        self.dynamodb = account.client("dynamodb")
        self.described = described
        self.name = str(described["TableName"])
        self.arn = str(described["TableArn"])
        self.unknown: list[str] = []

    def table(self) -> Table:
        """Put everything together."""
        billing = billing_mode(self.described)
        settings = {
            **self._backups(),
            **self._ttl(),
            "tags": self._optional("tags", self._tags, {}),
            "resource_policy": self._optional("resource-policy", self._policy, None),
            "kinesis_streams": self._optional("kinesis", self._kinesis, ()),
            "contributor_insights": self._optional("contributor-insights", self._insights, {}),
            "scaling": self._optional("scaling", self._scaling, ()) if billing == "PROVISIONED" else (),
            "encryption": self._encryption(),
        }
        return Table(**definition(self.described), billing=billing, **settings, unknown=tuple(self.unknown))

    def _optional(self, setting: str, read: Callable[[], Any], default: Any) -> Any:
        try:
            return read()
        except Exception as error:
            if not is_denied(error) and code(error) not in _NOT_OFFERED:
                raise
            self.unknown.append(setting)
            return default

    def _backups(self) -> dict[str, Any]:
        answer = self._optional("pitr", lambda: self.dynamodb.describe_continuous_backups(TableName=self.name), {})
        return recovery(answer)

    def _ttl(self) -> dict[str, Any]:
        answer = self._optional("ttl", lambda: self.dynamodb.describe_time_to_live(TableName=self.name), {})
        found = answer.get("TimeToLiveDescription", {})
        return {"ttl_attribute": found.get("AttributeName"), "ttl_status": found.get("TimeToLiveStatus", "DISABLED")}

    def _tags(self) -> dict[str, str]:
        pages = self.dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=self.arn)
        tags = {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", ())}
        return {key: value for key, value in tags.items() if not key.startswith("aws:")}

    def _policy(self) -> str | None:
        with suppress_codes("PolicyNotFoundException"):
            return str(self.dynamodb.get_resource_policy(ResourceArn=self.arn)["Policy"])
        return None

    def _kinesis(self) -> tuple[str, ...]:
        answer = self.dynamodb.describe_kinesis_streaming_destination(TableName=self.name)
        return tuple(
            found["StreamArn"]
            for found in answer.get("KinesisDataStreamDestinations", ())
            if found["DestinationStatus"] in ("ACTIVE", "ENABLING", "UPDATING")
        )

    def _insights(self) -> dict[str, str]:
        found: dict[str, str] = {}
        more: dict[str, str] = {}
        while True:
            page = self.dynamodb.list_contributor_insights(TableName=self.name, **more)
            found |= {
                summary.get("IndexName", ""): insights_mode(summary)
                for summary in page.get("ContributorInsightsSummaries", ())
                if summary["ContributorInsightsStatus"] in ("ENABLED", "ENABLING")
            }
            if not page.get("NextToken"):
                return dict(sorted(found.items()))
            more = {"NextToken": page["NextToken"]}

    def _scaling(self) -> tuple[Scaling, ...]:
        client = self.account.client("application-autoscaling")
        indexes = [
            f"table/{self.name}/index/{i['IndexName']}" for i in self.described.get("GlobalSecondaryIndexes", ())
        ]
        return read_scaling(client, [f"table/{self.name}", *indexes])

    def _encryption(self) -> Encryption:
        found = self.described.get("SSEDescription") or {}
        if found.get("Status", "ENABLED") not in ("ENABLED", "ENABLING", "UPDATING") or "KMSMasterKeyArn" not in found:
            return Encryption(kind="aws-owned")
        arn = str(found["KMSMasterKeyArn"])
        manager = self._optional("encryption", lambda: self._key_manager(arn), "CUSTOMER")
        return Encryption(kind="aws-managed" if manager == "AWS" else "customer", key_arn=arn)

    def _key_manager(self, arn: str) -> str:
        with suppress_codes("NotFoundException"):
            return str(self.account.client("kms").describe_key(KeyId=arn)["KeyMetadata"].get("KeyManager", "CUSTOMER"))
        return "CUSTOMER"  # only a customer's key can be deleted
