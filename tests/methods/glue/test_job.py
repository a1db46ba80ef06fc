"""The job of one table: it is defined once, runs once, is found again, stopped, and says why it failed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ddbtui.engine.step import Busy, Done, Progress, StepFailed
from ddbtui.methods.glue.job_run import RunJobStep
from ddbtui.methods.resources import remove
from tests.methods.glue.support import JOB, at, fail_next, job_runs, jobs
from tests.methods.lab import BUCKET, IDS, Lab, items_of
from tests.support.sandbox import wait_for


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that steps would have made."""
    made: list[float] = []
    monkeypatch.setattr("ddbtui.aws.settle.sleep", made.append)
    return made


def test_the_definition_is_as_the_plan_says(lab: Lab) -> None:
    connection = {"Name": "private", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    lab.client("target", "glue").create_connection(ConnectionInput=connection)
    options = {"workers": 4, "worker_type": "G.2X", "timeout_minutes": 77, "connection": "private"}
    journal, step = at(lab, "define-job", options=options)
    assert journal.carry_out("orders", step) == {"job": JOB, "workers": 4, "worker_type": "G.2X", "dpu": 8}
    job = lab.client("target", "glue").get_job(JobName=JOB)["Job"]
    assert (job["NumberOfWorkers"], job["WorkerType"], job["Timeout"], job["GlueVersion"]) == (4, "G.2X", 77, "5.0")
    assert (job["MaxRetries"], job["ExecutionProperty"]) == (0, {"MaxConcurrentRuns": 1})
    assert job["Connections"] == {"Connections": ["private"]}
    uploaded, arguments = journal.results["(run)", "upload-scripts"], job["DefaultArguments"]
    assert (job["Command"]["ScriptLocation"], arguments["--extra-py-files"]) == (
        uploaded["script"],
        uploaded["archive"],
    )
    assert arguments["--TempDir"] == f"s3://{BUCKET}/ddbtui/r1/orders/glue/temporary/"
    arn = f"arn:aws:glue:eu-west-1:{IDS['target']}:job/{JOB}"
    assert lab.client("target", "glue").get_tags(ResourceArn=arn)["Tags"] == {"ddbtui:run": "r1"}


def test_defining_twice_is_the_same_job(lab: Lab) -> None:
    journal, step = at(lab, "define-job")
    assert journal.carry_out("orders", step) == journal.carry_out("orders", step)
    assert jobs(lab) == [JOB]


def test_a_job_that_somebody_changed_is_told(lab: Lab) -> None:
    journal, step = at(lab, "define-job")
    journal.carry_out("orders", step)
    glue = lab.client("target", "glue")
    job = glue.get_job(JobName=JOB)["Job"]
    update = {name: job[name] for name in ("Role", "Command", "DefaultArguments", "GlueVersion", "WorkerType")}
    glue.update_job(JobName=JOB, JobUpdate={**update, "NumberOfWorkers": 9, "Timeout": job["Timeout"]})
    with pytest.raises(
        StepFailed, match=f"a Glue job {JOB} exists already and differs in Description, NumberOfWorkers"
    ):
        journal.carry_out("orders", step)


def test_a_worker_type_that_the_region_may_lack_is_said_to(lab: Lab) -> None:
    journal, step = at(lab, "define-job", options={"worker_type": "G.8X"})
    lab.sandbox.fault("invalid", match={"operation": "CreateJob"})
    with pytest.raises(StepFailed, match="Glue does not take the job: InvalidInputException") as failed:
        journal.carry_out("orders", step)
    assert "G.8X exists in some regions only" in failed.value.hint
    journal.carry_out("orders", step)


def test_a_role_that_may_not_be_passed_shows_before_writes_stop(lab: Lab) -> None:
    journal, step = at(lab, "define-job")
    denied = {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [denied]}
    lab.client("target", "iam").put_user_policy(
        UserName="target-admin", PolicyName="no", PolicyDocument=str(policy).replace("'", '"')
    )
    with pytest.raises(Exception, match=r"not authorized to perform: iam:PassRole on resource: .*ddbtui-glue"):
        journal.carry_out("orders", step)
    assert ("orders", "writes-stopped") not in journal.results


def test_progress_is_the_jobs_own(lab: Lab) -> None:
    journal, step = at(lab, "job")
    context = journal.context("orders", step)
    handle = step.start(context)
    seen: list[Progress] = []

    def ended() -> bool:
        outcome = step.poll(context, handle)
        if isinstance(outcome, Progress):
            seen.append(outcome)
        return isinstance(outcome, Done)

    wait_for(ended, 60)
    assert {one.note.split(":")[0] for one in seen} <= {"STARTING", "RUNNING"}
    told = [one for one in seen if one.done is not None]
    assert all(one.note.startswith("RUNNING: copying") for one in told)


def test_the_progress_of_an_earlier_attempt_does_not_count(lab: Lab) -> None:
    journal, step = at(lab, "job")
    journal.carry_out("orders", step)
    fail_next(lab, "WAITING")
    context = journal.context("orders", step, attempt=2)
    handle = step.start(context)
    assert step.poll(context, handle) in (Progress("STARTING"), Progress("WAITING"))


def test_a_run_is_found_by_its_attempt(lab: Lab, pauses: list[float]) -> None:
    journal, step = at(lab, "job")
    context = journal.context("orders", step)
    assert step.find(context) is None
    assert sum(pauses) == 15.5, "the list may lag behind"
    handle = step.start(context)
    pauses.clear()
    assert step.find(context) == handle
    assert pauses == []
    journal.follow(context, step, handle)
    assert step.find(journal.context("orders", step, attempt=2)) is None
    assert len(job_runs(lab, JOB)) == 1


def test_long_after_the_intent_one_look_will_do(lab: Lab, pauses: list[float]) -> None:
    journal, step = at(lab, "job")
    journal.begun -= timedelta(minutes=3)
    assert step.find(journal.context("orders", step)) is None
    assert pauses == []


def test_without_a_job_there_is_no_run(lab: Lab) -> None:
    journal, step = at(lab, "define-job")
    run = RunJobStep(step.move, step.moving, None)  # type: ignore[attr-defined, arg-type]
    assert run.find(journal.context("orders", run)) is None


def test_a_second_start_takes_up_the_first(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "RUNNING")
    context = journal.context("orders", step)
    handle = step.start(context)
    assert step.start(context) == handle
    assert len(job_runs(lab, JOB)) == 1


def test_a_run_of_somebody_else_is_waited_for(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "RUNNING")
    lab.client("target", "glue").start_job_run(JobName=JOB)
    with pytest.raises(Busy, match="another run of the job is not over yet: ConcurrentRunsExceededException"):
        step.start(journal.context("orders", step))


def test_a_retry_takes_up_a_run_that_nobody_could_follow(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "RUNNING")
    handle = step.start(journal.context("orders", step))
    again = journal.context("orders", step, attempt=2)
    assert step.start(again) == handle
    assert ("info", "the run of the attempt before goes on") in journal.log


@pytest.mark.parametrize("state", ["STOPPED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"])
def test_a_run_that_ends_otherwise_says_why_and_can_run_again(lab: Lab, state: str) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, state, "no\u001b[2J")
    with pytest.raises(StepFailed, match=f"the Glue job ended {state}: no␛") as failed:
        journal.carry_out("orders", step)
    assert "resume" in failed.value.hint
    assert ("workers" in failed.value.hint) == (state == "TIMEOUT")
    journal.carry_out("orders", step, attempt=2)
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")


def test_an_unknown_state_stops_the_step(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "DREAMING")
    with pytest.raises(StepFailed, match="unknown state DREAMING of Glue job run jr_"):
        journal.carry_out("orders", step)


@pytest.mark.parametrize("driver_streams", [False, True], ids=["run", "run-driver"])
def test_the_jobs_own_words_are_on_top_and_the_log_below(lab: Lab, driver_streams: bool) -> None:
    lab.tell("glue", driver_streams=driver_streams)
    journal, step = at(lab, "job")
    lab.client("target").delete_table(TableName="orders")
    with pytest.raises(StepFailed, match=r"ended FAILED: table orders: ResourceNotFoundException") as failed:
        journal.carry_out("orders", step)
    assert all(part in failed.value.hint for part in ("/aws-glue/jobs/error", "jr_", IDS["target"]))
    told = [(level, text) for level, text in journal.log if "applied" not in text and level != "warn"]
    assert told[0][0] == "error"
    assert "ResourceNotFoundException" in told[0][1]
    assert any("Traceback" in text or "JobFailed" in text for _, text in told[1:])


def test_a_log_that_may_not_be_read_hides_no_cause(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "FAILED", "out of memory", lie="after-work")
    lab.sandbox.fault("denied", match={"service": "logs", "operation": "GetLogEvents"}, times=-1)
    with pytest.raises(StepFailed, match="ended FAILED: out of memory"):
        journal.carry_out("orders", step)
    assert ("info", "(/aws-glue/jobs/error is not readable: AccessDeniedException)") in journal.log


def test_a_success_without_the_jobs_word_is_none(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "SUCCEEDED")
    with pytest.raises(StepFailed, match="SUCCEEDED, but the job itself did not say that it finished"):
        journal.carry_out("orders", step)


def test_a_role_that_is_too_new_is_waited_for(lab: Lab) -> None:
    lab.tell("propagation", seconds=3)
    journal, step = at(lab, "job")
    journal.begun += timedelta(hours=1)  # each look at the clock puts it on by ten seconds
    journal.carry_out("orders", step)
    states = [run["JobRunState"] for run in job_runs(lab, JOB)]
    assert states[0] == "SUCCEEDED"
    assert set(states[1:]) <= {"FAILED"}


def test_the_job_of_a_run_that_is_given_up_is_stopped(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "RUNNING")
    context = journal.context("orders", step)
    handle = step.start(context)
    wait_for(lambda: job_runs(lab, JOB)[0]["JobRunState"] == "RUNNING")
    for _ in range(2):
        assert step.cancel(context, handle)
    wait_for(lambda: job_runs(lab, JOB)[0]["JobRunState"] == "STOPPED")
    with pytest.raises(StepFailed, match="the Glue job ended STOPPED"):
        step.poll(context, handle)
    assert step.cancel(context, handle)


@pytest.mark.parametrize(
    ("operation", "name", "said"),
    [
        ("CreateJob", "define-job", "no room for another Glue job"),
        ("StartJobRun", "job", "no room for another run of a Glue job"),
    ],
    ids=["define", "run"],
)
def test_a_full_account_is_waited_for(lab: Lab, operation: str, name: str, said: str) -> None:
    journal, step = at(lab, name)
    lab.sandbox.fault("full", match={"operation": operation})
    with pytest.raises(Busy, match=f"{said}: ResourceNumberLimitExceededException"):
        journal.carry_out("orders", step)
    journal.carry_out("orders", step)


def test_room_for_definitions_that_stay_is_not_waited_for(lab: Lab) -> None:
    journal, step = at(lab, "define-job", clean_up="nothing")
    lab.sandbox.control("quota", account=IDS["target"], service="glue", code="L-611FDDE4", value=0)
    with pytest.raises(StepFailed, match="no room for another Glue job: ResourceNumberLimitExceeded") as caught:
        journal.carry_out("orders", step)
    assert caught.value.kind == "prerequisite"
    assert caught.value.hint.startswith("Raise quota L-611FDDE4 of AWS Glue in the Service Quotas console")


def test_what_was_done_is_told_with_its_price(lab: Lab) -> None:
    journal, step = at(lab, "job")
    result = journal.carry_out("orders", step)
    assert (result["items"], result["retried"]) == (30, 0)
    assert result["dpu_seconds"] >= 3 * result["seconds"]
    (told,) = [text for _, text in journal.log if "DPU, about $" in text]
    assert told.startswith("30 items written, 0 sent again, in ")
    kept = {(one.kind, one.fate) for one in journal.resources.values() if one.kind == "table"}
    assert kept == {("table", "keep")}


def test_a_partly_loaded_table_is_only_the_users_once_the_job_is_done(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "FAILED", "no")
    with pytest.raises(StepFailed):
        journal.carry_out("orders", step)
    (table,) = [one for one in journal.resources.values() if one.kind == "table"]
    assert table.fate == "ask"


def test_the_job_that_was_recorded_is_removed(lab: Lab) -> None:
    journal, _ = at(lab, "writes-stopped")
    (resource,) = [one for one in journal.resources.values() if one.kind == "glue-job"]
    assert (resource.name, resource.fate, jobs(lab)) == (JOB, "remove", [JOB])
    for _ in range(2):
        remove(lab.account("target"), resource)
    assert jobs(lab) == []
