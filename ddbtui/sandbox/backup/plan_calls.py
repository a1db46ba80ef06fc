"""The calls about backup plans and their selections.

https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup.plans import Plan
from ddbtui.sandbox.backup.roles import missing_action, pass_role
from ddbtui.sandbox.backup.vaults import invalid, paged
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World


def _plans(world: World, call: Call, principal: Principal) -> list[Plan]:
    place = (principal.account, call.region)
    return [job for job in world.jobs if isinstance(job, Plan) and not job.ended and (job.account, job.region) == place]


def _plan(world: World, call: Call, principal: Principal) -> Plan:
    for plan in _plans(world, call, principal):
        if plan.id == call.params["BackupPlanId"]:
            return plan
    message = f"Cannot find Backup plan with ID {call.params['BackupPlanId']}"
    raise AwsError("ResourceNotFoundException", message, 404)


_MADE = ("BackupPlanId", "BackupPlanArn", "VersionId", "CreationDate")
_MOST_SELECTIONS = 100
"""https://docs.aws.amazon.com/general/latest/gr/bk.html"""


def create_plan(world: World, call: Call, principal: Principal) -> Answer:
    """Create a plan, or tell of the one that this request made; the same document cannot be there twice.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupPlan.html
    """
    params: dict[str, Any] = call.params
    for plan in _plans(world, call, principal):
        if plan.request and plan.request == params.get("CreatorRequestId"):
            return json_answer({name: plan.summary()[name] for name in _MADE})
        if plan.document == params["BackupPlan"]:
            extra = {"CreatorRequestId": plan.request or "", "Arn": plan.arn}
            message = "Backup plan with the same plan document already exists"
            raise AwsError("AlreadyExistsException", message, 400, **extra)
    _check_rules(world, call, principal)
    try:
        plan = Plan(world, principal, call.region, params)
    except ValueError as error:
        raise invalid(f"Invalid ScheduleExpression: {error}") from None
    world.jobs.append(plan)
    world.backup.tags[plan.arn] = dict(params.get("BackupPlanTags") or {})
    return json_answer({name: plan.summary()[name] for name in _MADE})


def _check_rules(world: World, call: Call, principal: Principal) -> None:
    for rule in call.params["BackupPlan"]["Rules"]:
        if (principal.account, call.region, rule["TargetBackupVaultName"]) not in world.backup.vaults:
            raise invalid(f"Backup vault {rule['TargetBackupVaultName']} does not exist")
        window = rule.get("StartWindowMinutes")
        if window is not None and int(window) < 60:
            raise invalid("StartWindowMinutes must be at least 60")


def update_plan(world: World, call: Call, principal: Principal) -> Answer:
    """Replace the document of a plan.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateBackupPlan.html
    """
    plan = _plan(world, call, principal)
    _check_rules(world, call, principal)
    try:
        plan.update(world, call.params["BackupPlan"])
    except ValueError as error:
        raise invalid(f"Invalid ScheduleExpression: {error}") from None
    return json_answer({name: plan.summary()[name] for name in _MADE})


def get_plan(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a plan, with its next runs if they are asked for."""
    plan = _plan(world, call, principal)
    count = int(call.params.get("MaxScheduledRunsPreview") or 0)
    if not 0 <= count <= 10:
        raise invalid("MaxScheduledRunsPreview must be between 0 and 10")
    runs = {"ScheduledRunsPreview": plan.preview(count)} if count else {}
    return json_answer({**plan.describe(world), **runs})


def list_plans(world: World, call: Call, principal: Principal) -> Answer:
    """List the plans, a page at a time."""
    return paged("BackupPlansList", [plan.summary() for plan in _plans(world, call, principal)], call)


def delete_plan(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a plan that has no selections."""
    plan = _plan(world, call, principal)
    if plan.selections:
        message = "Related backup plan selections must be deleted prior to backup plan deletion"
        raise AwsError("InvalidRequestException", message)
    plan.delete(world)
    world.backup.tags.pop(plan.arn, None)
    answer = {"BackupPlanId": plan.id, "BackupPlanArn": plan.arn, "VersionId": plan.version}
    return json_answer({**answer, "DeletionDate": plan.finished})


def create_selection(world: World, call: Call, principal: Principal) -> Answer:
    """Say which tables a plan backs up, and in which role."""
    plan, wanted = _plan(world, call, principal), call.params["BackupSelection"]
    token = call.params.get("CreatorRequestId")
    for held in plan.selections.values():
        if token and held.get("CreatorRequestId") == token:
            return json_answer({name: held[name] for name in ("SelectionId", "BackupPlanId", "CreationDate")})
        if held["BackupSelection"]["SelectionName"] == wanted["SelectionName"]:
            extra = {"CreatorRequestId": held.get("CreatorRequestId", ""), "Arn": plan.arn}
            message = "Backup selection with the same name already exists"
            raise AwsError("AlreadyExistsException", message, 400, **extra)
    if len(plan.selections) >= _MOST_SELECTIONS:
        raise AwsError("LimitExceededException", f"A backup plan has at most {_MOST_SELECTIONS} selections")
    role = pass_role(world, principal, str(wanted["IamRoleArn"]))
    missing = missing_action(world, role, Use("tag:GetResources", "*"))
    if missing:  # https://github.com/hashicorp/terraform-provider-aws/issues/10511
        raise invalid(f"IAM Role {role.iam_arn} is not authorized to call {missing}")
    selection = {
        "SelectionId": str(uuid4()),
        "BackupPlanId": plan.id,
        "CreationDate": world.now(),
        "BackupSelection": wanted,
        **({"CreatorRequestId": token} if token else {}),
    }
    plan.selections[selection["SelectionId"]] = selection
    return json_answer({name: selection[name] for name in ("SelectionId", "BackupPlanId", "CreationDate")})


def _selection(world: World, call: Call, principal: Principal) -> tuple[Plan, str]:
    plan, name = _plan(world, call, principal), str(call.params["SelectionId"])
    if name not in plan.selections:
        raise AwsError("ResourceNotFoundException", f"Cannot find Backup selection with ID {name}", 404)
    return plan, name


def get_selection(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a selection."""
    plan, name = _selection(world, call, principal)
    return json_answer(plan.selections[name])


def list_selections(world: World, call: Call, principal: Principal) -> Answer:
    """List the selections of a plan, a page at a time."""
    rows = []
    for held in _plan(world, call, principal).selections.values():
        told = {name: value for name, value in held.items() if name != "BackupSelection"}
        rows.append({**told, **{name: held["BackupSelection"][name] for name in ("SelectionName", "IamRoleArn")}})
    return paged("BackupSelectionsList", rows, call)


def delete_selection(world: World, call: Call, principal: Principal) -> Answer:
    """Take a selection out of a plan."""
    plan, name = _selection(world, call, principal)
    del plan.selections[name]
    return json_answer({})
