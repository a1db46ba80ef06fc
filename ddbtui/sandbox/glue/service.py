"""AWS Glue: which operations there are. Nothing of it is moto's."""

from __future__ import annotations

from collections.abc import Callable

from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue import catalog_settings, connections, crawlers, databases, tags
from ddbtui.sandbox.glue import jobs as glue_jobs
from ddbtui.sandbox.glue import runs as glue_runs
from ddbtui.sandbox.glue import tables as glue_tables
from ddbtui.sandbox.iam.principals import Principal
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
    "GetDataCatalogEncryptionSettings": catalog_settings.get_encryption,
    "PutDataCatalogEncryptionSettings": catalog_settings.put_encryption,
    "CreateDatabase": databases.create_database,
    "GetDatabase": databases.get_database,
    "GetDatabases": databases.get_databases,
    "UpdateDatabase": databases.update_database,
    "DeleteDatabase": databases.delete_database,
    "CreateTable": glue_tables.create_table,
    "GetTable": glue_tables.get_table,
    "GetTables": glue_tables.get_tables,
    "UpdateTable": glue_tables.update_table,
    "DeleteTable": glue_tables.delete_table,
    "BatchDeleteTable": glue_tables.delete_tables,
    "CreateCrawler": crawlers.create_crawler,
    "UpdateCrawler": crawlers.update_crawler,
    "GetCrawler": crawlers.get_crawler,
    "GetCrawlers": crawlers.get_crawlers,
    "ListCrawlers": crawlers.list_crawlers,
    "StartCrawler": crawlers.start_crawler,
    "StopCrawler": crawlers.stop_crawler,
    "DeleteCrawler": crawlers.delete_crawler,
    "CreateConnection": connections.create_connection,
    "GetConnection": connections.get_connection,
    "GetConnections": connections.get_connections,
    "DeleteConnection": connections.delete_connection,
    "GetTags": tags.get_tags,
    "TagResource": tags.tag,
    "UntagResource": tags.untag,
}


def glue(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to AWS Glue; the caller was found to be allowed."""
    operation = _OPERATIONS.get(call.operation)
    if operation is None:
        raise AwsError("UnknownOperationException", f"The sandbox does not know glue:{call.operation}")
    return operation(world, call, principal)
