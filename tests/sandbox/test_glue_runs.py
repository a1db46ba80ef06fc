"""Runs of Glue jobs: the uploaded script really runs, in the job's role.

https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
"""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.sandbox.gluing import (
    BUCKET,
    ENDS,
    JOB,
    ROLE,
    TRUST,
    log,
    make_job,
    make_role,
    reach,
    ready,
    role_arn,
    run_job,
    start,
    state_of,
)
from tests.support.processes import alive
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, document, items, refused, wait_for

TABLE = f"arn:aws:dynamodb:{REGION}:{TARGET}:table/made"
WRITE = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE}
PUT = """
    import sys
    import boto3
    table = sys.argv[sys.argv.index("--target_table") + 1]
    boto3.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "one"}})
    print("written", table)
"""
SLEEP = "import time\nprint('begun', flush=True)\ntime.sleep(600)\n"


def make_table(sandbox: TestSandbox) -> None:
    sandbox.client("target", "dynamodb").create_table(
        TableName="made",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


def begun(sandbox: TestSandbox, run: str) -> None:
    """Wait until the script of SLEEP runs."""
    reach(sandbox, run, "RUNNING")
    wait_for(lambda: log(sandbox, run) == ["begun"], 30)


def test_a_script_moves_items_in_its_role(fresh: TestSandbox) -> None:
    ready(fresh, WRITE)
    make_table(fresh)
    fresh.control("calls/clear")
    run = run_job(fresh, PUT, DefaultArguments={"--target_table": "other"}, Arguments={"--target_table": "made"})
    assert run["JobRunState"] == "SUCCEEDED", run
    assert len(items(fresh.client("target", "dynamodb"), "made")) == 1
    assert log(fresh, run["Id"]) == ["written made"]
    [put] = fresh.calls(operation="PutItem")
    assert (put["principal"], put["account"], put["outcome"]) == (role_arn(), TARGET, "ok")


def test_a_run_is_described_as_it_goes(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.control("speed", speed=1000)
    make_job(fresh, "print('done')", Timeout=7, NumberOfWorkers=4, DefaultArguments={"--a": "1", "--b": "2"})
    run = start(fresh, Arguments={"--b": "3"})
    told = state_of(fresh, run)
    assert told["JobRunState"] == "STARTING"
    assert told["Arguments"] == {"--a": "1", "--b": "3"}
    assert (told["Attempt"], told["Timeout"], told["GlueVersion"]) == (0, 7, "5.0")
    assert (told["WorkerType"], told["NumberOfWorkers"], told["MaxCapacity"]) == ("G.1X", 4, 4.0)
    assert (told["ExecutionTime"], told["LogGroupName"]) == (0, "/aws-glue/jobs")
    assert "CompletedOn" not in told
    fresh.control("clock", seconds=600)
    done = reach(fresh, run, "SUCCEEDED")
    assert done["CompletedOn"] >= done["StartedOn"]
    assert "DPUSeconds" not in done
    assert "ErrorMessage" not in done


def test_auto_scaling_runs_tell_their_dpu_seconds(fresh: TestSandbox) -> None:
    ready(fresh)
    run = run_job(fresh, "import time; time.sleep(1.1)", DefaultArguments={"--enable-auto-scaling": "true"})
    assert run["DPUSeconds"] == run["ExecutionTime"] * 2 > 0


def test_the_script_gets_the_arguments_and_a_bare_environment(fresh: TestSandbox) -> None:
    ready(fresh)
    script = """
        import json, os, sys
        import boto3
        told = boto3.client("sts").get_caller_identity()["Arn"]
        secret = [name for name in os.environ if name.startswith(("AWS_PROFILE", "AWS_CONFIG", "AWS_SHARED", "DDBTUI"))]
        print(json.dumps({"argv": sys.argv[1:], "arn": told, "secret": secret, "region": os.environ["AWS_REGION"]}))
        print(os.listdir(os.environ["HOME"]) and sys.stdin.read() == "")
    """
    run = run_job(fresh, script, DefaultArguments={"--x": "one two", "--empty": ""})
    first, second = log(fresh, run["Id"])
    told = json.loads(first)
    given = dict(zip(told["argv"][::2], told["argv"][1::2], strict=True))
    assert given["--JOB_NAME"] == JOB
    assert given["--JOB_RUN_ID"] == run["Id"]
    assert (given["--x"], given["--empty"]) == ("one two", "")
    assert told["arn"] == f"arn:aws:sts::{TARGET}:assumed-role/{ROLE}/GlueJobRunnerSession"
    assert (told["secret"], told["region"]) == ([], REGION)
    assert second == "True"


def test_extra_files_are_on_its_path_and_this_project_is_not(fresh: TestSandbox) -> None:
    ready(fresh)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("helping/__init__.py", "WHAT = 'helped'\n")
    s3 = fresh.client("target", "s3")
    s3.put_object(Bucket=BUCKET, Key="lib/more.zip", Body=packed.getvalue())
    s3.put_object(Bucket=BUCKET, Key="lib/single.py", Body=b"ONE = 1\n")
    s3.put_object(Bucket=BUCKET, Key="lib/words.txt", Body=b"words")
    script = """
        import helping, single
        print(helping.WHAT, single.ONE, open("words.txt").read())
        try:
            import ddbtui
        except ModuleNotFoundError as error:
            print(error)
    """
    files = f"s3://{BUCKET}/lib/more.zip,s3://{BUCKET}/lib/single.py"
    beside = {"--extra-py-files": files, "--extra-files": f"s3://{BUCKET}/lib/words.txt"}
    run = run_job(fresh, script, DefaultArguments=beside)
    assert log(fresh, run["Id"]) == ["helped 1 words", "No module named 'ddbtui'"], run


def test_a_refused_call_of_the_script_fails_the_run(fresh: TestSandbox) -> None:
    ready(fresh)
    make_table(fresh)
    run = run_job(fresh, PUT, DefaultArguments={"--target_table": "made"})
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith("Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 5; ")
    told = "assumed-role/GlueWorker/GlueJobRunnerSession is not authorized to perform: dynamodb:PutItem"
    assert told in run["ErrorMessage"]
    system = log(fresh, run["Id"], "error")
    assert system[0] == f"Sandbox: this run of {JOB} is executed by: substitute"
    assert any(line.startswith("ERROR [main] glue.ProcessLauncher: Error from Python:Traceback") for line in system)


@pytest.mark.parametrize(
    ("script", "state", "message"),
    [
        ("raise ValueError('two\\nlines')", "FAILED", "Failed Line Number: 1; ValueError: two\nlines"),
        ("import sys\nsys.exit('no more')", "FAILED", "Failed Line Number: 2; SystemExit: no more"),
        ("import sys\nsys.exit(3)", "FAILED", "Failed Line Number: 2; SystemExit: 3"),
        ("import sys\nsys.exit(0)", "SUCCEEDED", None),
        ("import os\nos._exit(4)", "FAILED", "Command failed with exit code 4"),
        ("import nowhere", "FAILED", "ModuleNotFoundError: No module named 'nowhere'"),
        ("def broken(:", "FAILED", "SyntaxError: invalid syntax"),
    ],
    ids=["error", "exit-text", "exit-code", "exit-zero", "hard-exit", "no-module", "syntax"],
)
def test_how_a_script_ends(fresh: TestSandbox, script: str, state: str, message: str | None) -> None:
    ready(fresh)
    run = run_job(fresh, script)
    assert run["JobRunState"] == state
    assert (run.get("ErrorMessage") is None) if message is None else run["ErrorMessage"].endswith(message)


def test_a_role_that_may_not_read_the_script_fails_the_launch(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.client("target", "iam").delete_role_policy(RoleName=ROLE, PolicyName="only")
    run = run_job(fresh, "print('never')")
    assert run["JobRunState"] == "FAILED"
    start_of = f"LAUNCH ERROR | Error downloading from S3 for bucket: {BUCKET}, key: script.py."
    assert run["ErrorMessage"].startswith(start_of)
    assert "Status Code: 403; Error Code: AccessDenied" in run["ErrorMessage"]
    assert not fresh.client("target", "logs").describe_log_groups()["logGroups"]


def test_a_script_that_is_not_there_fails_the_launch(fresh: TestSandbox) -> None:
    ready(fresh)
    make_job(fresh, "print('never')")
    fresh.client("target", "s3").delete_object(Bucket=BUCKET, Key="script.py")
    run = reach(fresh, start(fresh), "FAILED")
    assert "Status Code: 404; Error Code: NoSuchKey" in run["ErrorMessage"]


@pytest.mark.parametrize("trust", ["no-role", "another-service", "too-new"])
def test_a_role_that_glue_cannot_assume_fails_the_run(fresh: TestSandbox, trust: str) -> None:
    ready(fresh)
    other = {**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}
    name = "Other"
    if trust != "no-role":
        make_role(fresh, name=name, trust=other if trust == "another-service" else TRUST)
    if trust == "too-new":
        fresh.control("propagation", seconds=60)
    run = run_job(fresh, "print('never')", Role=role_arn(name))
    assert run["JobRunState"] == "FAILED"
    told = f"failed to execute with exception Role {role_arn(name)} should be given assume role permissions for Glue"
    assert told in run["ErrorMessage"]


def test_a_connection_must_be_there_and_be_open_to_the_role(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    make_job(fresh, "print('done')", Connections={"Connections": ["inside"]})
    connection = f"arn:aws:glue:{REGION}:{TARGET}:connection/inside"
    assert (
        f"glue:GetConnection on resource: arn:aws:glue:{REGION}:{TARGET}:catalog"
        in (reach(fresh, start(fresh), "FAILED")["ErrorMessage"])
    )
    allow = {"Effect": "Allow", "Action": "glue:GetConnection"}
    resources = [f"arn:aws:glue:{REGION}:{TARGET}:catalog", connection]
    policy = document({**allow, "Resource": resources})
    fresh.client("target", "iam").put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=policy)
    assert "Connection inside not found." in reach(fresh, start(fresh), "FAILED")["ErrorMessage"]
    given = {"Name": "inside", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=given)
    reach(fresh, start(fresh), "SUCCEEDED")


def test_one_group_of_a_connection_must_let_itself_in(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html"""
    glue = ready(fresh, {"Effect": "Allow", "Action": "glue:GetConnection", "Resource": "*"})
    ec2 = fresh.client("target", "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="workers", Description="of Glue", VpcId=vpc)["GroupId"]
    where = {"PhysicalConnectionRequirements": {"SecurityGroupIdList": [group]}}
    given = {"Name": "inside", "ConnectionType": "NETWORK", "ConnectionProperties": {}, **where}
    glue.create_connection(ConnectionInput=given)
    make_job(fresh, "print('done')", Connections={"Connections": ["inside"]})
    failed = reach(fresh, start(fresh), "FAILED")
    assert "At least one security group must open all ingress ports." in failed["ErrorMessage"]
    itself = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[itself])
    reach(fresh, start(fresh), "SUCCEEDED")


def test_a_run_is_stopped_and_its_processes_are_gone(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    child = "import os, subprocess, sys, time\n"
    child += "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    child += "print(os.getpid(), other.pid, flush=True)\ntime.sleep(600)\n"
    make_job(fresh, child)
    run = start(fresh)
    reach(fresh, run, "RUNNING")
    pids = [int(each) for each in wait_for(lambda: log(fresh, run), 30)[0].split()]
    assert all(alive(each) for each in pids)
    fresh.control("speed", speed=1000)
    answer = glue.batch_stop_job_run(JobName=JOB, JobRunIds=[run, "jr_nowhere"])
    assert answer["SuccessfulSubmissions"] == [{"JobName": JOB, "JobRunId": run}]
    assert [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]] == ["EntityNotFoundException"]
    assert state_of(fresh, run)["JobRunState"] == "STOPPING"
    again = glue.batch_stop_job_run(JobName=JOB, JobRunIds=[run])
    assert again["Errors"][0]["ErrorDetail"]["ErrorCode"] == "JobRunInvalidStateTransitionException"
    fresh.control("clock", seconds=300)
    stopped = reach(fresh, run, "STOPPED")
    assert "ErrorMessage" not in stopped
    wait_for(lambda: not alive(pids[0]))
    late = glue.batch_stop_job_run(JobName=JOB, JobRunIds=[run])
    assert late["Errors"][0]["ErrorDetail"]["ErrorCode"] == "JobRunInTerminalStateException"


def test_a_run_that_takes_too_long_times_out(fresh: TestSandbox) -> None:
    ready(fresh)
    make_job(fresh, SLEEP, Timeout=60)
    run = start(fresh, Timeout=5)
    begun(fresh, run)
    fresh.control("clock", seconds=299)
    assert state_of(fresh, run)["JobRunState"] == "RUNNING"
    fresh.control("clock", seconds=10)
    assert reach(fresh, run, *ENDS)["JobRunState"] == "TIMEOUT"


def test_a_job_has_only_so_many_runs_at_a_time(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    make_job(fresh, SLEEP)
    first = start(fresh)
    begun(fresh, first)
    with refused("ConcurrentRunsExceededException"):
        start(fresh)
    queued = start(fresh, JobRunQueuingEnabled=True)
    assert state_of(fresh, queued)["JobRunState"] == "WAITING"
    glue.batch_stop_job_run(JobName=JOB, JobRunIds=[first])
    reach(fresh, first, "STOPPED")
    reach(fresh, queued, "RUNNING")


def test_a_failed_run_is_repeated_as_often_as_the_job_says(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    make_job(fresh, "raise ValueError('no')", MaxRetries=1)
    first = start(fresh, Arguments={"--x": "1"})
    assert reach(fresh, first, "FAILED")["Attempt"] == 0
    second = reach(fresh, f"{first}_attempt_1", "FAILED")
    assert (second["Attempt"], second["PreviousRunId"], second["Arguments"]) == (1, first, {"--x": "1"})
    asked = start(fresh, JobRunId=first)
    assert reach(fresh, asked, "FAILED")["PreviousRunId"] == first
    runs = glue.get_job_runs(JobName=JOB)["JobRuns"]
    assert len(runs) == 3


def test_the_runs_are_listed_newest_first_in_pages(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    make_job(fresh, "print('done')", ExecutionProperty={"MaxConcurrentRuns": 3})
    started = [start(fresh) for _ in range(3)]
    pages = [page["JobRuns"] for page in glue.get_paginator("get_job_runs").paginate(JobName=JOB, MaxResults=2)]
    assert [[run["Id"] for run in page] for page in pages] == [[started[2], started[1]], [started[0]]]
    for run in started:
        reach(fresh, run, "SUCCEEDED")
    with refused("EntityNotFoundException"):
        glue.get_job_run(JobName=JOB, RunId="jr_nowhere")
    with refused("EntityNotFoundException"):
        glue.start_job_run(JobName="nowhere")


def test_a_job_reads_another_account_in_a_role_that_trusts_it(fresh: TestSandbox) -> None:
    """The role in the source trusts the job's role by its ARN; other roles of that account are refused."""
    reader = role_arn("Reader", SOURCE)
    ready(fresh, {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": reader})
    trust = {"Effect": "Allow", "Principal": {"AWS": role_arn()}, "Action": "sts:AssumeRole"}
    table = f"arn:aws:dynamodb:{REGION}:{SOURCE}:table/orders"
    scan = {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": table}
    make_role(fresh, scan, name="Reader", account=SOURCE, trust=trust)
    script = """
        import sys
        import boto3
        role = sys.argv[sys.argv.index("--role") + 1]
        got = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="reading")["Credentials"]
        keys = {"aws_access_key_id": got["AccessKeyId"], "aws_secret_access_key": got["SecretAccessKey"]}
        source = boto3.client("dynamodb", aws_session_token=got["SessionToken"], **keys)
        print(source.scan(TableName="orders")["Count"])
    """
    run = run_job(fresh, script, DefaultArguments={"--role": reader})
    assert log(fresh, run["Id"]) == ["30"], run
    [scanned] = fresh.calls(operation="Scan")
    assert (scanned["principal"], scanned["account"]) == (reader, SOURCE)
    closed = {**trust, "Principal": {"AWS": role_arn("Other")}}
    make_role(fresh, name="Other")
    fresh.client("source", "iam").update_assume_role_policy(RoleName="Reader", PolicyDocument=document(closed))
    failed = reach(fresh, start(fresh), "FAILED")
    assert f"is not authorized to perform: sts:AssumeRole on resource: {reader}" in failed["ErrorMessage"]


def test_before_glue_5_what_goes_to_stderr_is_in_the_error_log(fresh: TestSandbox) -> None:
    ready(fresh)
    script = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n"
    live = {"--enable-continuous-cloudwatch-log": "true"}
    run = run_job(fresh, script, GlueVersion="4.0", DefaultArguments=live)
    assert log(fresh, run["Id"]) == ["out"]
    assert log(fresh, run["Id"], "error")[1:] == ["err"]
    assert sorted(log(fresh, run["Id"], "logs-v2")[1:]) == ["err", "out"]
    fresh.client("target", "glue").delete_job(JobName=JOB)
    run = run_job(fresh, script, DefaultArguments=live)
    assert sorted(log(fresh, run["Id"])) == ["err", "out"]


def test_the_drivers_stream_can_be_named_as_the_page_has_it(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html"""
    ready(fresh)
    fresh.control("glue", driver_streams=True)
    run = run_job(fresh, "print('out')")
    assert log(fresh, f"{run['Id']}-driver") == ["out"]
    with refused("ResourceNotFoundException"):
        log(fresh, run["Id"])


def test_the_log_is_written_in_the_jobs_role(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.control("calls/clear")
    run = run_job(fresh, "print('done')", DefaultArguments={"--enable-metrics": "true"})
    noted = {
        (call["action"], call["principal"]) for call in fresh.calls(via="glue") if call["action"] != "iam:PassRole"
    }
    actions = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "cloudwatch:PutMetricData")
    assert noted == {(action, role_arn()) for action in actions}
    streams = fresh.client("target", "logs").describe_log_streams(
        logGroupName="/aws-glue/jobs/output", logStreamNamePrefix=run["Id"]
    )
    assert [stream["logStreamName"] for stream in streams["logStreams"]] == [run["Id"]]


def test_what_the_sandbox_cannot_do_is_said(fresh: TestSandbox) -> None:
    ready(fresh)
    run = run_job(fresh, "print('never')", DefaultArguments={"--additional-python-modules": "pandas"})
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "LAUNCH ERROR | The sandbox cannot do this: --additional-python-modules"


def test_the_engine_is_told_and_can_be_chosen(fresh: TestSandbox) -> None:
    assert fresh.process.engine() == {"engine": "substitute", "used": None}
    ready(fresh)
    run_job(fresh, "print('done')")
    assert fresh.process.engine()["used"] == "substitute"
    fresh.control("glue", engine="auto")
    assert fresh.process.engine()["engine"].startswith(("spark", "substitute"))
    fresh.control("reset")
    assert fresh.process.engine() == {"engine": "substitute", "used": None}


def test_a_python_shell_job_runs_without_spark(fresh: TestSandbox) -> None:
    ready(fresh)
    make_job(fresh, "print('plain')")
    fresh.client("target", "glue").delete_job(JobName=JOB)
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{BUCKET}/script.py", "PythonVersion": "3.9"}
    fresh.client("target", "glue").create_job(Name=JOB, Role=ROLE, Command=command, MaxCapacity=1, GlueVersion="3.0")
    run = reach(fresh, start(fresh), "SUCCEEDED")
    assert log(fresh, run["Id"]) == ["plain"]
    assert fresh.process.engine()["used"] == "python"


def test_a_wiped_sandbox_runs_no_more(fresh: TestSandbox) -> None:
    ready(fresh)
    make_job(fresh, "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    run = start(fresh)
    reach(fresh, run, "RUNNING")
    process = int(wait_for(lambda: log(fresh, run), 30)[0])
    fresh.control("reset")
    wait_for(lambda: not alive(process))
    assert fresh.state()["jobs"] == []


def test_arguments_are_limited_in_size(fresh: TestSandbox) -> None:
    """https://github.com/awsdocs/aws-glue-developer-guide/issues/55"""
    ready(fresh)
    make_job(fresh, "print('done')")
    with refused("InvalidInputException"):
        start(fresh, Arguments={"--x": "x" * 180_001})
    run = reach(fresh, start(fresh, Arguments={"--x": "x" * 131_072}), "FAILED")
    assert "Argument list too long" in run["ErrorMessage"]
    reach(fresh, start(fresh, Arguments={"--x": "x" * 131_071}), "SUCCEEDED")
