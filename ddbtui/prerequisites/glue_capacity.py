"""Room for the Glue jobs: within the account's quotas, and at the source that they read.

https://docs.aws.amazon.com/general/latest/gr/glue.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.paging import pages
from ddbtui.prerequisites.base import Finding, Prerequisite, answering
from ddbtui.prerequisites.quotas import service_quota
from ddbtui.text import duration, plural, size

DPU_QUOTA = "L-08F3B322"
DPUS = 1000
RUNS_QUOTA = "L-5E4153CA"
RUNS = 200
JOBS_QUOTA = "L-611FDDE4"
JOBS = 1000
CRAWLERS_QUOTA = "L-11FA2C1A"
_LONG = 3600
_SESSION = 50 * 60
"""Of the hour that a session lasts at most where a role has assumed another one, with some reserve.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
That Glue's connector gets no new one is inferred: its documentation does not say that it does, and the open one that it
comes from keeps the session that it is given. https://github.com/awslabs/emr-dynamodb-connector/pull/103
"""


class WorkerQuota(Prerequisite):
    """Glue has room for the jobs. Those that it has no room for wait for the others.

    Args:
        move: the plan with its accounts.
        dpus: data processing units of each job.
        at_a_time: how many jobs ddbtui runs at a time.
    """

    id = "worker-quota"
    title = "Room for the Glue jobs"

    def __init__(self, move: Move, dpus: Sequence[int], at_a_time: int) -> None:
        super().__init__(move)
        self._dpus = sorted(dpus, reverse=True)
        self._at_a_time = at_a_time

    @answering
    def check(self) -> Finding:
        """Ask for both quotas; AWS's defaults are assumed where they may not be asked."""
        found = [service_quota(self.move.target, "glue", quota) for quota in (DPU_QUOTA, RUNS_QUOTA)]
        dpus, runs = (default if own is None else int(own) for own, default in zip(found, (DPUS, RUNS), strict=True))
        together = self._dpus[: self._at_a_time]
        known = None not in found
        evidence = f"{plural(len(together), 'job')} at a time with {sum(together):,} DPU; the quotas are {runs:,} runs"
        evidence += f" and {dpus:,} DPU" + (
            "." if known else " (AWS's defaults; the account's own were not to be had)."
        )
        if together and together[0] > dpus:
            advice = f"Set fewer workers, or raise quota {DPU_QUOTA} of AWS Glue in the Service Quotas console."
            return self.finding(
                "fail" if known else "warn", f"The largest job has {together[0]} DPU. {evidence}", advice
            )
        if sum(together) > dpus or len(together) > runs:
            return self.finding("warn", evidence, "ddbtui waits for room: the run takes longer.")
        if not known:
            return self.finding("warn", evidence, "Should there be less room, ddbtui waits for it.")
        return self.finding("pass", evidence)

    def access(self) -> Sequence[Access]:
        """One read, twice, without a resource."""
        return [
            Access("target", "servicequotas:GetServiceQuota", "*", "see how many Glue workers the account may have")
        ]


class JobQuota(Prerequisite):
    """Glue has room for the definitions of the jobs, one for each table. Each goes when its table is cleaned up.

    Args:
        move: the plan with its accounts.
    """

    id = "job-quota"
    title = "Room for the definitions of the Glue jobs"

    @answering
    def check(self) -> Finding:
        """Count the target's jobs and ask for its quota; the default is assumed where that may not be asked."""
        target, new = self.move.target, len(self.move.tables)
        count = sum(1 for _ in pages(target.client("glue").list_jobs, "JobNames", MaxResults=1000))
        own = service_quota(target, "glue", JOBS_QUOTA)
        known, quota = own is not None, JOBS if own is None else int(own)
        evidence = f"{plural(count, 'job')} in {target.region} and {new:,} more; the quota is {quota:,}" + (
            "." if known else " (AWS's default; this account's own was not to be had)."
        )
        if count + new <= quota:
            return self.finding("pass", evidence)
        cleaning = self.move.plan.clean_up == "staging"
        if cleaning and count < quota:
            return self.finding("warn", evidence, "ddbtui waits for room, since each job goes with its table.")
        advice = f"Raise quota {JOBS_QUOTA} of AWS Glue in the Service Quotas console, or remove jobs"
        advice += "." if cleaning else ", or set clean_up: staging: each job then goes with its table."
        return self.finding("fail" if known else "warn", evidence, advice)

    def access(self) -> Sequence[Access]:
        """Two reads without a resource."""
        return [
            Access("target", "glue:ListJobs", "*", "count the Glue jobs"),
            Access("target", "servicequotas:GetServiceQuota", "*", "see how many Glue jobs the account may have"),
        ]


class SourceCapacity(Prerequisite):
    """The source has the capacity to be scanned, which its applications share. Goes by the inventory; asks nobody.

    Args:
        move: the plan with its accounts.
        moving: the table.
        units: read units a second that the job may use.
        seconds: how long a scan takes with them.
        one_session: seconds that the job reads in one session of a role; 0 if it renews the session.
    """

    id = "source-capacity"
    title = "The source can be scanned in good time"

    def __init__(self, move: Move, moving: MovingTable, units: int, seconds: int, one_session: int = 0) -> None:
        super().__init__(move, moving)
        self._table = moving.table
        self._units, self._seconds, self._one_session = units, seconds, one_session

    def check(self) -> Finding:
        """Say how long it will take, and what that means for others."""
        whose = "its provisioned" if self._table.billing == "PROVISIONED" else "an on-demand table's"
        evidence = (
            f"{size(self._table.size_bytes)} take about {duration(self._seconds)} to scan with {self._units:,} of "
            f"{whose} read units a second; applications that read the table share them."
        )
        if self._one_session > _SESSION:
            evidence += (
                f" The job needs the source's role for about {duration(self._one_session)}; its session ends after an "
                "hour, and nothing says that Glue's connector renews it."
            )
            return self.finding("warn", evidence, "Choose reader: lossless, which renews it.")
        if self._seconds <= _LONG:
            return self.finding("pass", evidence)
        advice = "Raise read_share or the table's read capacity, or choose s3-glue, which reads a backup instead."
        return self.finding("warn", evidence, advice)

    def access(self) -> Sequence[Access]:
        """Nothing."""
        return ()
