"""Which IAM actions a request to AWS Glue needs by itself.

An operation on the Data Catalog needs its action on the catalog and all that lies above the object, too. Passing the
role is recorded by the operations, which know more.
https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html
"""

from __future__ import annotations

from ddbtui.sandbox.call import Call
from ddbtui.sandbox.uses import Use

_ON_JOB = frozenset(
    {"CreateJob", "GetJob", "UpdateJob", "DeleteJob", "StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun"}
)
_ON_CRAWLER = frozenset(
    {"CreateCrawler", "GetCrawler", "UpdateCrawler", "DeleteCrawler", "StartCrawler", "StopCrawler"}
)
_ON_DATABASE = frozenset({"CreateDatabase", "GetDatabase", "UpdateDatabase", "DeleteDatabase"})
_ON_TABLE = frozenset({"CreateTable", "GetTable", "UpdateTable", "DeleteTable", "BatchDeleteTable"})
_ON_CONNECTION = frozenset({"CreateConnection", "GetConnection", "UpdateConnection", "DeleteConnection"})
_ON_TAGGED = frozenset({"GetTags", "TagResource", "UntagResource"})


def glue_uses(call: Call, region: str, account: str) -> list[Use]:
    """The actions and resources of one request."""
    start = f"arn:aws:glue:{region}:{account}"
    uses = [Use(f"glue:{call.operation}", resource) for resource in _resources(call, start)]
    if call.params.get("Tags") and call.operation.startswith("Create"):
        uses.append(Use("glue:TagResource", uses[-1].resource))
    return uses


def _resources(call: Call, start: str) -> list[str]:
    operation, params = call.operation, call.params
    found = ["*"]
    if operation in _ON_JOB:
        found = [f"{start}:job/{params.get('JobName') or params.get('Name', '')}"]
    elif operation == "BatchGetJobs":
        found = [f"{start}:job/{name}" for name in params.get("JobNames", ())]
    elif operation in _ON_CRAWLER:
        found = [f"{start}:crawler/{params.get('Name', '')}"]
    elif operation in _ON_TAGGED:
        found = [str(params["ResourceArn"])]
    else:
        inside = _in_catalog(call)
        if inside:
            found = [f"{start}:catalog", *(f"{start}:{each}" for each in inside)]
    return found


def _in_catalog(call: Call) -> list[str]:
    """What an operation touches below the catalog; nothing if it is not about the Data Catalog."""
    operation, params = call.operation, call.params
    name = params.get("Name", "")
    if operation in _ON_CONNECTION:
        name = params.get("ConnectionName") or params.get("ConnectionInput", {}).get("Name") or name
        return [f"connection/{name}"]
    if operation in ("GetDatabases", "GetConnections"):
        return ["database/*" if operation == "GetDatabases" else "connection/*"]
    if operation in _ON_DATABASE:
        name = name or params.get("DatabaseInput", {}).get("Name", "")
        # A database is deleted with its tables and functions.
        more = (f"table/{name}/*", f"userDefinedFunction/{name}/*") if operation == "DeleteDatabase" else ()
        return [f"database/{name}", *more]
    database = params.get("DatabaseName", "")
    if operation == "GetTables":
        return [f"database/{database}", f"table/{database}/*"]
    if operation in _ON_TABLE:
        names = params.get("TablesToDelete") or [name or params.get("TableInput", {}).get("Name", "")]
        return [f"database/{database}", *(f"table/{database}/{each}" for each in names)]
    return []
