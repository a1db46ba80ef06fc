"""Amazon EC2 as moto has it, with AWS's refusals; and Service Quotas that the sandbox keeps to."""

from __future__ import annotations

import pytest

from tests.sandbox.gluing import JOB, make_job, reach, ready, start
from tests.support.sandbox import TARGET, TestSandbox, refused

S3 = "com.amazonaws.eu-west-1.s3"


def test_a_network_has_subnets_routes_and_endpoints(fresh: TestSandbox) -> None:
    ec2 = fresh.client("target", "ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    [table] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])["RouteTables"]
    made = ec2.create_vpc_endpoint(
        VpcId=subnet["VpcId"], ServiceName=S3, VpcEndpointType="Gateway", RouteTableIds=[table["RouteTableId"]]
    )["VpcEndpoint"]
    [found] = ec2.describe_vpc_endpoints(Filters=[{"Name": "service-name", "Values": [S3]}])["VpcEndpoints"]
    assert (found["VpcEndpointId"], found["State"]) == (made["VpcEndpointId"], "available")
    assert fresh.client("source", "ec2").describe_vpc_endpoints()["VpcEndpoints"] == []
    fresh.control("reset")
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_a_default_group_lets_itself_in_until_somebody_closes_it(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html"""
    ec2 = fresh.client("target", "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [{"Name": "vpc-id", "Values": [vpc]}]
    [group] = ec2.describe_security_groups(Filters=made)["SecurityGroups"]
    [rule] = group["IpPermissions"]
    assert (rule["IpProtocol"], [pair["GroupId"] for pair in rule["UserIdGroupPairs"]]) == ("-1", [group["GroupId"]])
    own = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group["GroupId"]}]}
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[own])
    assert ec2.describe_security_groups(Filters=made)["SecurityGroups"][0]["IpPermissions"] == []


def test_ec2_refuses_in_its_own_words(fresh: TestSandbox) -> None:
    nobody = fresh.client_of(fresh.role(TARGET, "Nobody"), "ec2")
    with refused("UnauthorizedOperation") as held:
        nobody.describe_subnets()
    message = held[0].response["Error"]["Message"]
    assert message.startswith("You are not authorized to perform this operation. User: arn:aws:sts::")
    assert "ec2:DescribeSubnets" in message
    fresh.fault("denied", match={"service": "ec2"})
    with refused("UnauthorizedOperation"):
        fresh.client("target", "ec2").describe_subnets()
    with refused("InvalidSubnetID.NotFound"):
        fresh.client("target", "ec2").describe_subnets(SubnetIds=["subnet-00000000"])


def test_only_quotas_that_were_set_are_told(fresh: TestSandbox) -> None:
    quotas = fresh.client("target", "service-quotas")
    known = {"ServiceCode": "glue", "QuotaCode": "L-5E4153CA"}
    with refused("NoSuchResourceException"):
        quotas.get_service_quota(**known)
    assert quotas.get_aws_default_service_quota(**known)["Quota"]["Value"] == 200
    with refused("NoSuchResourceException"):
        quotas.get_aws_default_service_quota(ServiceCode="glue", QuotaCode="L-00000000")
    fresh.control("quota", account=TARGET, service="glue", code="L-5E4153CA", value=3)
    assert quotas.get_service_quota(**known)["Quota"]["Value"] == 3
    with refused("NoSuchResourceException"):
        fresh.client("source", "service-quotas").get_service_quota(**known)


@pytest.mark.parametrize(("code", "value"), [("L-5E4153CA", 1), ("L-08F3B322", 3)], ids=["runs", "dpus"])
def test_an_account_has_only_so_many_runs_and_dpus(fresh: TestSandbox, code: str, value: int) -> None:
    glue = ready(fresh)
    fresh.control("quota", account=TARGET, service="glue", code=code, value=value)
    fresh.control("job-faults", jobs=[{"job": "glue", "code": "RUNNING"}])
    make_job(fresh, "print('done')", ExecutionProperty={"MaxConcurrentRuns": 5})
    first = start(fresh)
    with refused("ResourceNumberLimitExceededException") as held:
        start(fresh)
    assert "per account exceeded" in str(held[0])
    glue.batch_stop_job_run(JobName=JOB, JobRunIds=[first])
    start(fresh)


@pytest.mark.parametrize(
    ("code", "words"),
    [("L-5E4153CA", "Max concurrent job runs"), ("L-08F3B322", "Exceeded maximum concurrent compute capacity")],
    ids=["runs", "dpus"],
)
def test_a_run_without_room_can_be_taken_and_fail(fresh: TestSandbox, code: str, words: str) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html"""
    ready(fresh)
    fresh.control("glue", fails_without_room=True)
    fresh.control("quota", account=TARGET, service="glue", code=code, value=0)
    make_job(fresh, "print('done')")
    run = reach(fresh, start(fresh), "FAILED")
    assert words in run["ErrorMessage"]
