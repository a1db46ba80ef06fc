"""Giving a run up: what becomes of the jobs that its steps have begun in AWS."""

from __future__ import annotations

from collections.abc import Iterable

from ddbtui.engine.job import Job
from ddbtui.engine.records import StepRecord
from ddbtui.engine.verdicts import Explain
from ddbtui.text import plural, shown

_NAMED = 5


def begun(steps: Iterable[StepRecord]) -> list[StepRecord]:
    """Return the steps whose `start` went through and that are not done.

    One that failed is among them: what failed may have been the look at a job that goes on.
    """
    return [step for step in steps if step.handle is not None and step.state in ("running", "waiting", "failed")]


def stop_jobs(jobs: Iterable[Job], explain: Explain) -> str:
    """Ask AWS to stop every job that it lets be stopped; nothing keeps the others from being asked.

    Args:
        jobs: steps that have begun.
        explain: message and hint for an error.

    Returns:
        What became of the jobs, in words; empty if none was at work in AWS.
    """
    stopped, going_on, failed = [], [], []
    for job in jobs:
        try:
            takes_it = job.cancel()
        except Exception as error:
            failed.append(f"{named([job.record])}: {explain(error)[0]}")
            continue
        if job.record.state == "failed":
            continue  # as a rule its job has ended, which is told already
        if takes_it:
            stopped.append(job.record)
        elif job.step.unattended:
            going_on.append(job.record)
    said = []
    if stopped:
        said.append(f"AWS was asked to stop {plural(len(stopped), 'job')} ({named(stopped)})")
    if going_on:
        said.append(f"AWS goes on with {plural(len(going_on), 'job')} that it can't cancel ({named(going_on)})")
    if failed:
        said.append(f"{plural(len(failed), 'job')} could not be stopped ({'; '.join(failed[:_NAMED])})")
    return "; ".join(said)


def named(steps: list[StepRecord]) -> str:
    """Return the first few steps by subject and title."""
    more = f" and {len(steps) - _NAMED} more" if len(steps) > _NAMED else ""
    return ", ".join(f"{shown(step.subject)}: {step.title}" for step in steps[:_NAMED]) + more
