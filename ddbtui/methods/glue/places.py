"""Where things of the Glue methods are, and how they are called: jobs, scripts, progress, roles.

All follow from the plan and the run, so that an interrupted run finds them again.
"""

from __future__ import annotations

import hashlib
import json
from typing import cast

from ddbtui.aws.access import Access
from ddbtui.aws.arns import Arn, role_arn
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.methods.glue.options import CopyOptions, GlueOptions
from ddbtui.methods.steps.staging import Staging
from ddbtui.plan.model import Side

LOG_GROUPS = "/aws-glue/jobs"
_SCRIPTS = "py"
"""Folder of a run's scripts: no table has a name of two letters, so none has this folder."""
_LONGEST = 255


class Places:
    """The names of one move."""

    def __init__(self, move: Move) -> None:
        self.options = cast(GlueOptions, move.plan.method)
        self.staging = Staging(move)
        self._move = move

    # Jobs

    def job_name(self, run_id: str, table: str) -> str:
        """Return the name of a table's job. What is too long is cut and told apart by a hash."""
        name = f"ddbtui-{run_id}-{table}"
        if len(name) <= _LONGEST:
            return name
        return f"{name[: _LONGEST - 9]}-{hashlib.sha256(table.encode()).hexdigest()[:8]}"

    @property
    def jobs_arn(self) -> str:
        """The ARN pattern of all jobs: the run's id is not known before it starts."""
        return self._in_target("glue", "job/ddbtui-*")

    @property
    def crawlers_arn(self) -> str:
        """The ARN pattern of all crawlers; each is called like the job of its table."""
        return self._in_target("glue", "crawler/ddbtui-*")

    @property
    def logs_arn(self) -> str:
        """The ARN pattern of what jobs log."""
        return self._in_target("logs", f"log-group:{LOG_GROUPS}/*")

    def _in_target(self, service: str, resource: str) -> str:
        target = self._move.target
        return str(Arn(target.partition, service, target.region, target.account_id, resource))

    # The bucket

    def scripts(self, run_id: str) -> str:
        """Return the folder of a run's scripts, with a slash at its end."""
        return f"{self.staging.prefix}/{run_id}/{_SCRIPTS}/"

    def scripts_resource(self, run_id: str) -> Resource:
        """Return what is to be recorded before a script is uploaded."""
        folder, bucket = self.scripts(run_id), self.staging.bucket
        data = {"bucket": bucket, "prefix": folder, "owner": self.staging.owner}
        return Resource("s3-objects", "target", self.url(folder), "remove", data)

    def progress_key(self, run_id: str, table: str) -> str:
        """Return the key of the object by which a job tells how far it is."""
        return f"{self.staging.folder(run_id, table)}/glue/progress.json"

    def temporary(self, run_id: str, table: str) -> str:
        """Return the folder for what Glue itself puts down."""
        return f"{self.staging.folder(run_id, table)}/glue/temporary/"

    def url(self, key: str) -> str:
        """Return a key as Glue writes it."""
        return f"s3://{self.staging.bucket}/{key}"

    # Roles

    @property
    def job_role(self) -> str:
        """The role of the jobs."""
        return self.options.job_role or self._made("target", "ddbtui-glue")

    @property
    def makes_job_role(self) -> bool:
        """Whether ddbtui makes it."""
        return self.options.job_role is None

    @property
    def source_role(self) -> str:
        """The role that jobs of `glue` read the source with."""
        return self._given_source_role or self._made("source", "ddbtui-glue-source")

    @property
    def makes_source_role(self) -> bool:
        """Whether ddbtui makes it."""
        return self._given_source_role is None

    @property
    def _given_source_role(self) -> str | None:
        return self.options.source_role if isinstance(self.options, CopyOptions) else None

    @property
    def database(self) -> str:
        """The database of the Data Catalog that crawlers write into."""
        return f"ddbtui_{self._hash}"

    def _made(self, side: Side, name: str) -> str:
        account = self._move.account(side)
        return role_arn(account.partition, account.account_id, f"{name}-{self._hash}")

    @property
    def _hash(self) -> str:
        """Tells plans apart whose jobs need other rights."""
        move, staging = self._move, self.staging
        sides = [[account.account_id, account.region] for account in (move.source, move.target)]
        tables = sorted([moving.name, moving.target_name] for moving in move.tables)
        keys = [staging.key_arn, move.plan.target_table.encryption]
        wanted = [self.options.type, *sides, staging.bucket, staging.prefix, *keys, *tables]
        return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:12]

    def pass_role(self) -> Access:
        """Declare that the caller hands the job's role to Glue."""
        return Access("target", "iam:PassRole", self.job_role, "let Glue run the jobs with their role")
