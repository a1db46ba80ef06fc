"""Service Quotas, as far as an account's own values go, which a test sets and the sandbox keeps to.

What nobody has set is not there, as on AWS, where GetServiceQuota knows applied values only.
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
"""

from __future__ import annotations

from typing import NamedTuple

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World


class Quota(NamedTuple):
    """A quota that the sandbox keeps to or that ddbtui asks for."""

    service: str
    code: str
    name: str
    default: float


GLUE_DPUS = Quota("glue", "L-08F3B322", "Max task DPUs per account", 1000)
GLUE_RUNS = Quota("glue", "L-5E4153CA", "Max concurrent job runs per account", 200)
GLUE_JOBS = Quota("glue", "L-611FDDE4", "Max jobs per account", 1000)
_KNOWN = (GLUE_DPUS, GLUE_RUNS, GLUE_JOBS, Quota("dynamodb", "L-F98FE922", "Maximum number of tables", 2500))


def limit_of(world: World, account: str, quota: Quota) -> float:
    """The value that holds for an account."""
    return world.quotas.get((account, quota.service, quota.code), quota.default)


def quotas(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to Service Quotas; the caller was found to be allowed."""
    operations = ("GetServiceQuota", "GetAWSDefaultServiceQuota")
    if call.operation not in operations:
        raise AwsError("UnknownOperationException", f"The sandbox does not know servicequotas:{call.operation}")
    service, code = str(call.params["ServiceCode"]), str(call.params["QuotaCode"])
    found = next((quota for quota in _KNOWN if (quota.service, quota.code) == (service, code)), None)
    value = world.quotas.get((principal.account, service, code))
    if found and call.operation == "GetAWSDefaultServiceQuota":
        value = found.default
    if found is None or value is None:
        raise AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    told = {"ServiceCode": service, "QuotaCode": code, "QuotaName": found.name, "Value": value, "Adjustable": True}
    arn = f"arn:aws:servicequotas:{call.region}:{principal.account}:{service}/{code}"
    return json_answer({"Quota": {**told, "QuotaArn": arn, "Unit": "None", "GlobalQuota": False}})
