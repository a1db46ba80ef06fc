"""AWS Glue: which operations there are. Nothing of it is moto's."""

from __future__ import annotations

from collections.abc import Callable

from ddbtui.sandbox import (
    glue_connections,
    glue_crawlers,
    glue_databases,
    glue_jobs,
    glue_runs,
    glue_tables,
    glue_tags,
)
from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.principals import Principal
from ddbtui.sandbox.world import World

Operation = Callable[[World, Call, Principal], Answer]
_OPERATIONS: dict[str, Operation] = {
    "CreateJob": glue_jobs.create_job,
    "GetJob": glue_jobs.get_job,
    "GetJobs": glue_jobs.get_jobs,
    "BatchGetJobs": glue_jobs.batch_get_jobs,
    "ListJobs": glue_jobs.list_jobs,
    "UpdateJob": glue_jobs.update_job,
    "DeleteJob": glue_jobs.delete_job,
    "StartJobRun": glue_runs.start_run,
    "GetJobRun": glue_runs.get_run,
    "GetJobRuns": glue_runs.get_runs,
    "BatchStopJobRun": glue_runs.stop_runs,
    "CreateDatabase": glue_databases.create_database,
    "GetDatabase": glue_databases.get_database,
    "GetDatabases": glue_databases.get_databases,
    "UpdateDatabase": glue_databases.update_database,
    "DeleteDatabase": glue_databases.delete_database,
    "CreateTable": glue_tables.create_table,
    "GetTable": glue_tables.get_table,
    "GetTables": glue_tables.get_tables,
    "UpdateTable": glue_tables.update_table,
    "DeleteTable": glue_tables.delete_table,
    "BatchDeleteTable": glue_tables.delete_tables,
    "CreateCrawler": glue_crawlers.create_crawler,
    "UpdateCrawler": glue_crawlers.update_crawler,
    "GetCrawler": glue_crawlers.get_crawler,
    "GetCrawlers": glue_crawlers.get_crawlers,
    "ListCrawlers": glue_crawlers.list_crawlers,
    "StartCrawler": glue_crawlers.start_crawler,
    "StopCrawler": glue_crawlers.stop_crawler,
    "DeleteCrawler": glue_crawlers.delete_crawler,
    "CreateConnection": glue_connections.create_connection,
    "GetConnection": glue_connections.get_connection,
    "GetConnections": glue_connections.get_connections,
    "DeleteConnection": glue_connections.delete_connection,
    "GetTags": glue_tags.get_tags,
    "TagResource": glue_tags.tag,
    "UntagResource": glue_tags.untag,
}


def glue(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to AWS Glue; the caller was found to be allowed."""
    operation = _OPERATIONS.get(call.operation)
    if operation is None:
        raise AwsError("UnknownOperationException", f"The sandbox does not know glue:{call.operation}")
    return operation(world, call, principal)
