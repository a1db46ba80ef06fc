"""Takes away what a run made in Glue: jobs, their roles and endpoints, and what is in the Data Catalog."""

from __future__ import annotations

from ddbtui.aws.account import Account
from ddbtui.aws.errors import code, reason, suppress_codes
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.catalog_database import find_database, is_made
from ddbtui.prerequisites.role_reading import find_role
from ddbtui.prerequisites.roles import MARK, POLICY, is_marked
from ddbtui.text import shown

_GONE = "EntityNotFoundException"


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


def remove_vpc_endpoint(account: Account, resource: Resource) -> None:
    """Delete the endpoint of that service in that VPC that carries ddbtui's tag.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html

    Raises:
        UserError: AWS keeps it.
    """
    ec2, data = account.client("ec2"), resource.data
    filters = {"vpc-id": data["vpc"], "service-name": data["service"], "tag-key": MARK}
    listed = ec2.get_paginator("describe_vpc_endpoints").paginate(
        Filters=[{"Name": name, "Values": [str(value)]} for name, value in filters.items()]
    )
    ids = [one["VpcEndpointId"] for page in listed for one in page["VpcEndpoints"] if one["State"] != "deleted"]
    if ids:
        for kept in ec2.delete_vpc_endpoints(VpcEndpointIds=ids).get("Unsuccessful", ()):
            why = shown(kept.get("Error", {}).get("Message", "no reason given"))
            raise UserError(f"endpoint {shown(kept.get('ResourceId'))} could not be removed: {why}")


def remove_crawler(account: Account, resource: Resource) -> None:
    """Delete the crawler; its name has the run's id in it.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteCrawler.html
    """
    name = str(resource.data["crawler"])
    try:
        account.client("glue").delete_crawler(Name=name)
    except Exception as error:
        if code(error) == "CrawlerRunningException":
            hint = "Stop it or wait for its end, then clean up again."
            raise UserError(f"crawler {shown(name)} could not be removed: {reason(error)}", hint) from error
        if code(error) != _GONE:
            raise


def remove_catalog_tables(account: Account, resource: Resource) -> None:
    """Delete the tables that the run's crawler made; their names begin with the run's id.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTable.html
    """
    glue, database, prefix = account.client("glue"), str(resource.data["database"]), str(resource.data["prefix"])
    with suppress_codes(_GONE):
        listed = glue.get_paginator("get_tables").paginate(DatabaseName=database)
        names = [table["Name"] for page in listed for table in page["TableList"] if table["Name"].startswith(prefix)]
        for name in names:
            glue.delete_table(DatabaseName=database, Name=name)


def remove_catalog_database(account: Account, resource: Resource) -> None:
    """Delete the database that ddbtui made, with whatever is left in it.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html
    """
    name = str(resource.data["database"])
    found = find_database(account, name)
    if found is None:
        return
    if not is_made(found):
        raise UserError(f"database {shown(name)} was not made by ddbtui", "Delete it yourself if it is not wanted.")
    with suppress_codes(_GONE):
        account.client("glue").delete_database(Name=name)


def revoke_grant(account: Account, resource: Resource) -> None:
    """Revoke what was granted. With the database its grants are gone; one that is revoked already is an invalid input.

    https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RevokePermissions.html
    """
    parameters = {name: resource.data[name] for name in ("Principal", "Resource", "Permissions")}
    with suppress_codes(_GONE, "InvalidInputException"):
        account.client("lakeformation").revoke_permissions(**parameters)
