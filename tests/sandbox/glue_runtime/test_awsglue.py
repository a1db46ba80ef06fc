"""Arguments are resolved as Glue does it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""

from __future__ import annotations

import pytest

from ddbtui.sandbox.glue.runtime.awsglue.context import GlueContext
from ddbtui.sandbox.glue.runtime.awsglue.job import Job
from ddbtui.sandbox.glue.runtime.awsglue.utils import GlueArgumentError, getResolvedOptions

GIVEN = ["job.py", "--JOB_NAME", "move", "--table", "orders", "--job-language", "python", "--enable-metrics", "true"]


def test_named_arguments_are_returned_and_others_ignored() -> None:
    resolved = getResolvedOptions(GIVEN, ["JOB_NAME", "table"])
    assert {name: value for name, value in resolved.items() if value is not None} == {
        "JOB_NAME": "move",
        "table": "orders",
        "job_bookmark_option": "job-bookmark-disable",
    }


def test_all_that_is_missing_is_named() -> None:
    with pytest.raises(GlueArgumentError, match=r"^the following arguments are required: --region, --items$"):
        getResolvedOptions(GIVEN, ["table", "region", "items"])


def test_an_argument_without_a_value_is_refused() -> None:
    with pytest.raises(GlueArgumentError, match="argument --table: expected one argument"):
        getResolvedOptions(["job.py", "--table"], ["table"])


@pytest.mark.parametrize("name", ["JOB_RUN_ID", "job-bookmark-option", "encryption-type"])
def test_names_of_glue_s_own_are_refused(name: str) -> None:
    with pytest.raises(RuntimeError, match=f"Using reserved arguments {name}"):
        getResolvedOptions(GIVEN, ["table", name])


def test_glue_s_own_arguments_are_returned() -> None:
    more = ["--JOB_RUN_ID", "jr_1", "--job-bookmark-option", "job-bookmark-enable", "--TempDir", "s3://b/t/"]
    resolved = getResolvedOptions([*GIVEN, *more], ["table", "TempDir"])
    assert (resolved["JOB_RUN_ID"], resolved["job_bookmark_option"]) == ("jr_1", "job-bookmark-enable")
    assert resolved["TempDir"] == resolved["RedshiftTempDir"] == "s3://b/t/"


def test_an_unknown_bookmark_option_is_refused() -> None:
    with pytest.raises(GlueArgumentError, match="invalid choice"):
        getResolvedOptions([*GIVEN, "--job-bookmark-option", "maybe"], ["table"])


def test_a_job_begins_and_ends() -> None:
    context = object()
    job = Job(GlueContext(context))
    assert job.glue_context.spark_context is context
    with pytest.raises(RuntimeError, match="not initialised"):
        job.commit()
    job.init("move", {"table": "orders"})
    assert job.isInitialized()
    job.commit()
    assert not job.isInitialized()
