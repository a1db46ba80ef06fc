"""Takes away what a run made in Glue, and the roles that it made for that."""

from __future__ import annotations

from ddbtui.aws.account import Account
from ddbtui.aws.errors import code, reason
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.role_reading import find_role
from ddbtui.prerequisites.roles import POLICY, is_marked
from ddbtui.text import shown


def remove_job(account: Account, resource: Resource) -> None:
    """Delete the job. Glue says nothing of one that is gone already; the name has the run's id in it.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteJob.html
    """
    account.client("glue").delete_job(JobName=str(resource.data["job"]))


def remove_role(account: Account, resource: Resource) -> None:
    """Delete a role that ddbtui made, with the policy that it gave it.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
    """
    name, iam = str(resource.data["role"]), account.client("iam")
    role = find_role(account, name)
    if role is None:
        return
    if not is_marked(role):
        raise UserError(f"role {shown(name)} was not made by ddbtui", "Delete it yourself if it is not wanted.")
    for call, parameters in ((iam.delete_role_policy, {"PolicyName": POLICY}), (iam.delete_role, {})):
        try:
            call(RoleName=name, **parameters)
        except Exception as error:
            if code(error) == "DeleteConflict":
                hint = "Somebody has given it other policies: take them off, then clean up again."
                raise UserError(f"role {shown(name)} could not be removed: {reason(error)}", hint) from error
            if code(error) != "NoSuchEntity":
                raise
