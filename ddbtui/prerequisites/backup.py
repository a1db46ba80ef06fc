"""AWS Backup itself: the organization's switch, each account's settings for DynamoDB.

https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.plan.model import Side
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.prerequisites.organization import ACROSS_ORGANIZATIONS
from ddbtui.text import shown

_OPT_IN = "ResourceTypeOptInPreference"
_ADVANCED = "ResourceTypeManagementPreference"
_CROSS_ACCOUNT = "isCrossAccountBackupEnabled"
_SWITCH_ON = f"aws backup update-global-settings --global-settings {_CROSS_ACCOUNT}=true"


class CrossAccountBackup(Prerequisite):
    """The organization lets backups go from account to account. Only its management account can switch that on.

    With a management account in the plan the remedy does so. The setting is the whole organization's and stays: others
    may count on it from then on.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateGlobalSettings.html
    """

    id = "cross-account-backup"
    title = "Cross-account backup is on in the organization"

    @answering
    def check(self) -> Finding:
        """Ask for the organization's settings; any member may."""
        try:
            switch = self._switch()
        except Exception as error:
            if code(error) != "InvalidRequestException":
                raise
            evidence = f"AWS Backup knows no organization of the source account ({code(error)})."
            return self.finding("fail", evidence, ACROSS_ORGANIZATIONS)
        if switch == "true":
            return self.finding("pass", f"{_CROSS_ACCOUNT} is true.")
        evidence = f"{_CROSS_ACCOUNT} is {shown(switch, 20)}."
        if self.move.management:
            return self._mendable(evidence, switch)
        advice = f"Only the organization's management account can switch it on. Run there: {_SWITCH_ON}"
        return self.finding("fail", evidence, f"{advice}; or name that account in the plan, under `management`.")

    def _switch(self) -> str:
        settings = self.move.source.client("backup").describe_global_settings()["GlobalSettings"]
        return str(settings.get(_CROSS_ACCOUNT, "false"))

    def _mendable(self, evidence: str, switch: str) -> Finding:
        named, organization = self.move.account("management").account_id, self._organization()
        manager = str(organization["MasterAccountId"])
        if manager != named:
            evidence += f" The plan names {named} under management; the organization's is {shown(manager, 20)}."
            return self.finding("fail", evidence, f"Name that account, or run with its credentials: {_SWITCH_ON}")
        texts = [json.dumps({_CROSS_ACCOUNT: value}, indent=2) for value in (switch, "true")]
        change = Change("management", named, "backup:UpdateGlobalSettings", shown(organization["Id"], 60), *texts)
        title = "Switch cross-account backup on for all accounts of the organization (it stays on)"
        return self.finding("fail", evidence, "Switch it on.", Remedy(title, (change,)))

    def _organization(self) -> dict[str, Any]:
        """The source's organization, which every member may see, and with it who manages it."""
        found: dict[str, Any] = self.move.source.client("organizations").describe_organization()["Organization"]
        return found

    @explaining
    def apply(self, record: Record) -> None:
        """Switch it on, once more made sure that it is the management account's to do."""
        before = self._switch()
        if before == "true":
            return
        management, organization = self.move.account("management"), self._organization()
        if management.verify().account_id != organization["MasterAccountId"]:
            raise UserError(
                f"account {management.account_id} does not manage organization {shown(organization['Id'], 60)}",
                "Name the organization's management account in the plan.",
            )
        name = f"{_CROSS_ACCOUNT} of {organization['Id']}"
        data = {"before": before, "stays": "others in the organization may count on it"}
        record(Resource("backup-global-setting", "management", name, "keep", data))
        # The call replaces only what it names, so the organization's other settings stay.
        management.client("backup").update_global_settings(GlobalSettings={_CROSS_ACCOUNT: "true"})

    def access(self) -> Sequence[Access]:
        """One call; and who manages the organization, if it comes to that."""
        found = [Access("source", "backup:DescribeGlobalSettings", "*", "see whether cross-account backup is on")]
        if self.move.management:
            why = "see who manages the organization"
            found.append(Access("source", "organizations:DescribeOrganization", "*", why))
        return found

    def remedy_access(self) -> Sequence[Access]:
        """One write, of the management account."""
        if self.move.management is None:
            return ()
        why = "switch cross-account backup on for the organization"
        return [Access("management", "backup:UpdateGlobalSettings", "*", why, changes=True)]


class DynamoDbBackup(Prerequisite):
    """AWS Backup is opted in to DynamoDB, with its advanced features: without them no backup can be copied.

    Only backups that are made afterwards can be. The setting stays: later backups may count on it.

    Args:
        move: the plan with its accounts.
        side: whose settings, in the region of its tables.
    """

    def __init__(self, move: Move, side: Side) -> None:
        super().__init__(move)
        self.id = f"{side}-backup-settings"
        self.title = f"AWS Backup of the {side} account has DynamoDB's advanced features"
        self._side: Side = side
        self._account = move.account(side)

    @property
    def _region_arn(self) -> str:
        return f"{self._account.account_id} in {self._account.region}"

    @answering
    def check(self) -> Finding:
        """Read both settings."""
        found = self._settings()
        evidence = f"Account {self._region_arn}: " + ", ".join(
            f"{name}[DynamoDB] is {str(on).lower()}" for name, on in found.items()
        )
        if all(found.values()):
            return self.finding("pass", f"{evidence}.")
        advice = "Switch both on; only backups that are made afterwards can get to another account."
        return self.finding("fail", f"{evidence}.", advice, self._remedy(found))

    def _settings(self) -> dict[str, bool]:
        found = self._account.client("backup").describe_region_settings()
        return {name: bool(found.get(name, {}).get("DynamoDB")) for name in (_OPT_IN, _ADVANCED)}

    def _remedy(self, before: dict[str, bool]) -> Remedy:
        after = {name: {"DynamoDB": True} for name in before}
        texts = [
            json.dumps(text, indent=2) for text in ({name: {"DynamoDB": on} for name, on in before.items()}, after)
        ]
        change = Change(self._side, self._account.account_id, "backup:UpdateRegionSettings", self._region_arn, *texts)
        return Remedy(f"Switch DynamoDB's backup features on in the {self._side} account (they stay on)", (change,))

    @explaining
    def apply(self, record: Record) -> None:
        """Switch both on."""
        before = self._settings()
        if all(before.values()):
            return
        record(Resource("backup-settings", self._side, self._region_arn, "keep", {"before": before}))
        # The call replaces only what it names, so the settings of other services stay.
        self._account.client("backup").update_region_settings(**{name: {"DynamoDB": True} for name in before})

    def access(self) -> Sequence[Access]:
        """One read."""
        why = "see whether AWS Backup manages DynamoDB's backups"
        return [Access(self._side, "backup:DescribeRegionSettings", "*", why)]

    def remedy_access(self) -> Sequence[Access]:
        """One write."""
        why = "switch DynamoDB's backup features on"
        return [Access(self._side, "backup:UpdateRegionSettings", "*", why, changes=True)]


class RestoredBilling(Prerequisite):
    """The plan does not ask for another billing mode: AWS Backup restores the one that the table had.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
    """

    id = "restored-billing"
    title = "The restored table's billing mode is the source's"

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._mode = moving.table.billing

    def check(self) -> Finding:
        """Compare plan and inventory; asks nobody."""
        if self.move.plan.target_table.billing == "as-source" or self._mode == "PAY_PER_REQUEST":
            return self.finding("pass", f"The table is {self._mode}, as its copy will be.")
        evidence = f"The table is {self._mode}, and the plan wants its copy on-demand; a restore keeps the mode."
        advice = "Set target_table.billing to as-source, and change the mode of the new table after the move."
        return self.finding("fail", evidence, advice)

    def access(self) -> Sequence[Access]:
        """Nothing."""
        return ()
