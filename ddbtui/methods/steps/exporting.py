"""The export as every method that goes over S3 takes it: its prerequisites, and its steps up to checked files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Step, StepContext
from ddbtui.methods.steps.exports import CheckExportStep, ExportStep
from ddbtui.methods.steps.grant_objects import GrantObjectsStep
from ddbtui.methods.steps.prepare import WritesStoppedStep
from ddbtui.methods.steps.staging import Staging
from ddbtui.prerequisites.base import Outcome, Prerequisite
from ddbtui.prerequisites.bucket import BucketExists
from ddbtui.prerequisites.bucket_policy import BucketPolicy
from ddbtui.prerequisites.bucket_settings import BucketOwnership, BucketPublicAccess, BucketRequesterPays
from ddbtui.prerequisites.kms import BucketKey


def bucket_prerequisites(move: Move, elsewhere: Outcome = "pass") -> Iterator[Prerequisite]:
    """Yield what must hold of the staging bucket, in the order in which to check and remedy it.

    Args:
        move: the move.
        elsewhere: what to find of a bucket in another region than the new tables.
    """
    staging = Staging(move)
    bucket, key = staging.bucket, staging.key_arn
    yield BucketExists(move, bucket, staging.prefix, key, elsewhere)
    yield BucketOwnership(move, bucket, acls_allowed=staging.grants_objects)
    yield BucketPublicAccess(move, bucket)
    yield BucketRequesterPays(move, bucket)
    if key:
        yield BucketKey(move, bucket, key)
    yield BucketPolicy(move, bucket, staging.prefix, key)


class QuietBeforeExportStep(WritesStoppedStep):
    """Waits for the word that nobody writes any more, and for a while: an export is exact to about a minute only.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html
    """

    def question(self, ctx: StepContext) -> str:
        """Ask for the minutes before the export."""
        return (
            f"Have all writes to {self.moving.name} in account {self.move.source.account_id} been stopped for two "
            "minutes or longer? An export is exact to about a minute: what is written in the minute before it may not "
            "be in it, what is written later is not, and nothing will tell of either."
        )


def export_steps(
    move: Move, moving: MovingTable, check: Callable[[Move, MovingTable], Step] = CheckExportStep
) -> Iterator[Step]:
    """Yield the steps that export one table once it is quiet, and check what arrived.

    Args:
        move: the move.
        moving: the table.
        check: makes the step that reads the exported files.
    """
    yield QuietBeforeExportStep(move, moving)
    yield ExportStep(move, moving)
    if Staging(move).grants_objects:
        yield GrantObjectsStep(move, moving)
    yield check(move, moving)
