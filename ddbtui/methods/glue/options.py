"""The options of the methods `s3-glue` and `glue`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ddbtui.methods.steps.loading import LoadingOptions
from ddbtui.methods.steps.staging import BucketOptions, StagingOptions
from ddbtui.plan.misfits import Misfit, role_of
from ddbtui.plan.model import InWords, Plan, RoleArn

WorkerType = Literal["G.1X", "G.2X", "G.4X", "G.8X"]
ConnectionName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_. -]{1,255}$"),
    InWords("the name of a connection, e.g. private-subnet"),
]
MOST_WORKERS = 299
_MOST_G_2X = 149
"""https://docs.aws.amazon.com/glue/latest/dg/add-job.html"""
MOST_MINUTES = 7 * 24 * 60
"""https://docs.aws.amazon.com/glue/latest/webapi/API_StartJobRun.html"""


class GlueOptions(LoadingOptions, BucketOptions):
    """What both methods take. The bucket holds the scripts and the jobs' progress, and for s3-glue the exports."""

    workers: int | None = Field(
        None,
        ge=2,
        le=MOST_WORKERS,
        description="Workers of each job, one of them the driver; sized by ddbtui if absent",
    )
    worker_type: WorkerType = Field(
        "G.1X", description="Kind of worker: 1, 2, 4 or 8 DPU each; G.4X and G.8X exist in some regions only"
    )
    timeout_minutes: int | None = Field(
        None, ge=5, le=MOST_MINUTES, description="Minutes after which Glue ends a job; by the estimate if absent"
    )
    glue_version: Literal["5.0"] = Field("5.0", description="Version of Glue that the jobs run on")
    job_role: RoleArn | None = Field(
        None, description="Role of the jobs, of the target account; made with your consent if absent"
    )
    connection: ConnectionName | None = Field(
        None, description="Glue connection whose subnet the jobs run in; outside of any VPC if absent"
    )
    accept_damage: bool = Field(
        False,
        description="Let loader catalog or reader connector change what they can't carry, after a question with the "
        "names; needs proof: counts",
    )

    def misfits(self) -> Iterator[Misfit]:
        """Too many large workers."""
        yield from super().misfits()
        if self.worker_type == "G.2X" and (self.workers or 0) > _MOST_G_2X:
            yield ("workers",), f"must be at most {_MOST_G_2X} of worker_type G.2X"

    def misfits_in(self, plan: Plan) -> Iterator[Misfit]:
        """A proof that must fail; another account's role."""
        yield from super().misfits_in(plan)
        if self.accept_damage and plan.proof == "digest":
            yield ("method", "accept_damage"), "needs proof: counts, since a comparison of every item finds the damage"
        yield from role_of(("method", "job_role"), self.job_role, "target", plan.target.account_id)


class S3GlueOptions(GlueOptions, StagingOptions):
    """Options of `s3-glue`."""

    type: Literal["s3-glue"] = Field("s3-glue", description="Name of the method")
    loader: Literal["lossless", "catalog"] = Field(
        "lossless",
        description="lossless keeps every type; catalog (crawler, Data Catalog) would change sets, lists, maps, "
        "binary, NULL and long numbers, so it refuses tables that have them",
    )

    def misfits(self) -> Iterator[Misfit]:
        """Damage where none is done."""
        yield from super().misfits()
        if self.accept_damage and self.loader == "lossless":
            yield ("accept_damage",), "goes with loader: catalog only; loader: lossless changes nothing"


class CopyOptions(GlueOptions):
    """Options of `glue`."""

    type: Literal["glue"] = Field("glue", description="Name of the method")
    reader: Literal["lossless", "connector"] = Field(
        "lossless",
        description="lossless (a segmented scan) keeps every type; connector (Glue's own) would change sets, lists, "
        "maps, NULL and long numbers, so it refuses tables that have them",
    )
    source_role: RoleArn | None = Field(
        None, description="Role of the source account that the jobs read with; made with your consent if absent"
    )
    read_share: float = Field(
        0.5, ge=0.1, le=1.0, description="Share of the source's read capacity that the jobs may use"
    )
    segments: int | None = Field(
        None, ge=1, le=1_000_000, description="Segments of the scan; by the table's size if absent"
    )

    def misfits(self) -> Iterator[Misfit]:
        """Damage where none is done; segments of another way to scan."""
        yield from super().misfits()
        if self.accept_damage and self.reader == "lossless":
            yield ("accept_damage",), "goes with reader: connector only; reader: lossless changes nothing"
        if self.segments is not None and self.reader == "connector":
            yield ("segments",), "goes with reader: lossless only; Glue's connector reads a segment with each task"

    def misfits_in(self, plan: Plan) -> Iterator[Misfit]:
        """Another account's role."""
        yield from super().misfits_in(plan)
        yield from role_of(("method", "source_role"), self.source_role, "source", plan.source.account_id)
