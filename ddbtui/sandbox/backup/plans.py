"""Backup plans: rules that back tables up on a schedule and copy the recovery points.

https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ddbtui.sandbox.backup import schedule
from ddbtui.sandbox.backup.backups import Backup
from ddbtui.sandbox.backup.copies import Copy
from ddbtui.sandbox.backup.roles import as_principal
from ddbtui.sandbox.dynamodb.tables import backend
from ddbtui.sandbox.iam.policy import like
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import Job
from ddbtui.sandbox.world import World

_TAG = "aws:ResourceTag/"


class Rule:
    """One rule of a plan: when, into which vault, and which copies."""

    def __init__(self, world: World, request: dict[str, Any]) -> None:
        self.id, self.request = str(uuid4()), request
        expression = request.get("ScheduleExpression") or "cron(0 5 ? * * *)"
        self.schedule = schedule.parse(expression, request.get("ScheduleExpressionTimezone"))
        if len(self.schedule.minutes) > 1:  # https://repost.aws/questions/QUwYlivOoWTHi1nSuSGjTVFg
            raise ValueError("The interval between backup jobs shouldn't be less than 60 minutes.")
        self.next = self.schedule.after(world.now())

    def describe(self) -> dict[str, Any]:
        """The rule with its id, and with what AWS fills in."""
        filled = {"ScheduleExpressionTimezone": "Etc/UTC", "EnableContinuousBackup": False}
        return {**filled, **self.request, "RuleId": self.id}

    def runs(self, count: int) -> list[float]:
        """The next runs."""
        found: list[float] = [] if self.next is None else [self.next]
        while found and len(found) < count:
            following = self.schedule.after(found[-1])
            if following is None:
                break
            found.append(following)
        return found


class Plan(Job):
    """A plan is never over: whenever the clock passes a rule's time, it starts a backup of each selected table."""

    kind = "backup-plan"

    def __init__(self, world: World, principal: Principal, region: str, params: dict[str, Any]) -> None:
        super().__init__(world, principal, region, params, 0.0)
        wanted = params["BackupPlan"]
        self.id, self.version = str(uuid4()), uuid4().hex
        self.name, self.document = str(wanted["BackupPlanName"]), wanted
        self.request = params.get("CreatorRequestId")
        self.rules = [Rule(world, rule) for rule in wanted["Rules"]]
        self.selections: dict[str, dict[str, Any]] = {}
        self.waiting: list[tuple[Backup, Rule]] = []
        self.last_run: float | None = None
        self.status = "ACTIVE"

    @property
    def arn(self) -> str:
        """The plan's ARN."""
        return f"arn:aws:backup:{self.region}:{self.account}:backup-plan:{self.id}"

    def advance(self, world: World) -> None:
        """Start the backups whose time has come, and the copies of those that are done."""
        for rule in self.rules:
            if rule.next is not None and rule.next <= world.now():
                rule.next = rule.schedule.after(world.now())
                self._run(world, rule)
        for backup, rule in [each for each in self.waiting if each[0].ended]:
            self.waiting.remove((backup, rule))
            point = backup.vault.points.get(backup.point_arn)
            for action in rule.request.get("CopyActions") or [] if point and backup.status == "COMPLETED" else []:
                assert point
                copy = Copy(world, backup.principal, backup.role, point, action)
                copy.plan, copy.made_by = backup.plan, backup.id
                world.jobs.append(copy)

    def _run(self, world: World, rule: Rule) -> None:
        vault = world.backup.vaults.get((self.account, self.region, rule.request["TargetBackupVaultName"]))
        if vault is None or not world.backup.is_opted_in(self.account, self.region):
            return
        self.last_run = world.now()
        for selection in self.selections.values():
            role = as_principal(selection["BackupSelection"]["IamRoleArn"])
            for table in list(backend(self.account, self.region).tables.values()):
                if selects(selection["BackupSelection"], table):
                    job = Backup(world, self.principal, role, vault, table, rule.request)
                    job.plan = {
                        "BackupPlanId": self.id,
                        "BackupPlanArn": self.arn,
                        "BackupPlanName": self.name,
                        "BackupPlanVersion": self.version,
                        "BackupRuleId": rule.id,
                        "BackupRuleName": rule.request["RuleName"],
                    }
                    world.jobs.append(job)
                    self.waiting.append((job, rule))

    def update(self, world: World, wanted: dict[str, Any]) -> None:
        """Take another document: a new version, under which all rules count anew."""
        self.rules = [Rule(world, rule) for rule in wanted["Rules"]]
        self.name, self.document, self.version = str(wanted["BackupPlanName"]), wanted, uuid4().hex

    def preview(self, count: int) -> list[dict[str, Any]]:
        """The next runs of all rules, in order of time."""
        runs = [(run, rule.id) for rule in self.rules for run in rule.runs(count)]
        return [
            {"ExecutionTime": run, "RuleId": rule, "RuleExecutionType": "SNAPSHOTS"}
            for run, rule in sorted(runs)[:count]
        ]

    def delete(self, world: World) -> None:
        """Run no more."""
        self.finished, self.status = world.now(), "DELETED"

    def work(self, world: World) -> None:
        """A plan itself does no work."""

    def describe(self, world: World) -> dict[str, Any]:
        """What GetBackupPlan tells."""
        data = {
            **self.summary(),
            "BackupPlan": {**self.document, "Rules": [rule.describe() for rule in self.rules]},
        }
        return {name: value for name, value in data.items() if name != "BackupPlanName"}

    def summary(self) -> dict[str, Any]:
        """What ListBackupPlans tells."""
        data = {
            "BackupPlanId": self.id,
            "BackupPlanArn": self.arn,
            "BackupPlanName": self.name,
            "VersionId": self.version,
            "CreationDate": self.started,
            "CreatorRequestId": self.request,
            "LastExecutionDate": self.last_run,
        }
        return {name: value for name, value in data.items() if value is not None}


def selects(selection: dict[str, Any], table: Any) -> bool:
    """Whether a selection takes a table: by its ARN, or by one of its tags; conditions must hold all."""
    tags = {each["Key"]: each["Value"] for each in table.tags}
    if any(like(pattern, table.table_arn) for pattern in selection.get("NotResources") or []):
        return False
    conditions = (selection.get("Conditions") or {}).get("StringEquals") or []
    if any(tags.get(each["ConditionKey"].removeprefix(_TAG)) != each["ConditionValue"] for each in conditions):
        return False
    if any(like(pattern, table.table_arn) for pattern in selection.get("Resources") or []):
        return True
    wanted = selection.get("ListOfTags") or []
    return any(tags.get(each["ConditionKey"]) == each["ConditionValue"] for each in wanted)
