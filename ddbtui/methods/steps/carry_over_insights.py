"""Contributor Insights, which CloudWatch keeps for a table and for each index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.definition import insights_mode
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import StepFailed
from ddbtui.methods.steps.carry_over import Setting, linked_role
from ddbtui.text import shown

_ROLE = "contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights"


class ContributorInsights(Setting):
    """Contributor Insights of the table and of each index that a table which existed before has, too.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
    """

    name = "contributor-insights"
    title = "Contributor Insights"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If it is on for anything."""
        return bool(moving.table.contributor_insights)

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Describe and update, for table and indexes, and the role that DynamoDB makes for it.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Contributor_Insights_IAM.html
        """
        found = [linked_role(move, _ROLE, "DynamoDB")]
        for index in moving.table.contributor_insights:
            arn = move.target_arn(moving) + (f"/index/{index}" if index else "")
            why = "switch on Contributor Insights"
            found.append(Access("target", "dynamodb:DescribeContributorInsights", arn, "see Contributor Insights"))
            found.append(Access("target", "dynamodb:UpdateContributorInsights", arn, why, changes=True))
        return found

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """On for all, each in the mode that it has in the source."""
        return all(
            status == "ENABLED" and mode == wanted["ContributorInsightsMode"]
            for wanted, status, mode in _insights(move, moving)
        )

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Switch it on where it is not, or is in another mode."""
        for wanted, status, mode in _insights(move, moving):
            if status == "DISABLED" or (status == "ENABLED" and mode != wanted["ContributorInsightsMode"]):
                move.target.client("dynamodb").update_contributor_insights(**wanted, ContributorInsightsAction="ENABLE")

    def parts(self, move: Move, moving: MovingTable) -> tuple[Sequence[str], Sequence[str]]:
        """Of the table, and of each index."""
        there, wanted = _places(move, moving), moving.table.contributor_insights
        words = {name: f"{self.title} of {f'index {name}' if name else 'the table'}" for name in wanted}
        return [words[name] for name in wanted if name in there], [words[name] for name in wanted if name not in there]


def _places(move: Move, moving: MovingTable) -> set[str]:
    """The table, as "", and the names of its global indexes; local ones are never watched."""
    found = move.target.client("dynamodb").describe_table(TableName=moving.target_name)["Table"]
    return {"", *(index["IndexName"] for index in found.get("GlobalSecondaryIndexes", ()))}


def _insights(move: Move, moving: MovingTable) -> Iterator[tuple[dict[str, str], str, str]]:
    """Yield what is wanted where, as UpdateContributorInsights takes it, and the status and the mode that are there."""
    there = _places(move, moving)
    for index, wanted in moving.table.contributor_insights.items():
        if index not in there:
            continue
        which = {"TableName": moving.target_name, **({"IndexName": index} if index else {})}
        found = move.target.client("dynamodb").describe_contributor_insights(**which)
        status = str(found.get("ContributorInsightsStatus", "DISABLED"))
        if status == "FAILED":
            failure = found.get("FailureException", {})
            raise StepFailed(
                f"Contributor Insights failed: {shown(failure.get('ExceptionDescription', 'no reason given'))}",
                "Put the cause right, then `ddbtui resume`; or start again with a plan without it in carry_over.",
            )
        yield {**which, "ContributorInsightsMode": wanted}, status, insights_mode(found)
