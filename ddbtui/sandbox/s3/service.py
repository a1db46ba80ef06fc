"""S3 with the rules that decide across accounts; storage stays moto's.

Uses moto's private `ownership_rule`, `public_access_block` and `encryption` of buckets.
"""

from __future__ import annotations

import json
import re
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, PublicAccessBlock

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError, xml_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam import principals
from ddbtui.sandbox.iam.policy import listed
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.resources import bucket_owner, find_bucket
from ddbtui.sandbox.s3.encryption import check_key_use
from ddbtui.sandbox.s3.ownership import check_acl, check_object, note_object
from ddbtui.sandbox.world import ACCOUNTS, World

_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_OWNER_ONLY = frozenset({"PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"})


def _no_opinion(*_: object) -> PermissionResult:
    """Moto judges bucket policies without their conditions; who may what is decided here before it is asked."""
    return PermissionResult.NEUTRAL


setattr(FakeBucket, "get_permission", _no_opinion)  # noqa: B010 mypy lets no method be assigned


def s3(world: World, call: Call, principal: Principal) -> Answer:
    """Answer an S3 call; the caller was found to be allowed."""
    if call.operation == "ListBuckets":
        return moto_app.forward(call, principal.account)
    if call.operation == "CreateBucket":
        return _create(world, call, principal)
    owner = bucket_owner(call.bucket)
    if owner is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    _check_owner(call, owner, principal)
    check_object(call, principal)
    check_key_use(world, call, principal, find_bucket(call.bucket))
    check_acl(call)
    own = {
        "PutBucketPolicy": _put_policy,
        "DeleteBucketPolicy": _delete_policy,
        "GetBucketRequestPayment": _get_payment,
        "PutBucketRequestPayment": _put_payment,
    }.get(call.operation)
    if own:
        return own(world, call, owner)
    answer = moto_app.forward(call, owner)
    if answer.status < 300:
        note_object(call, principal)
    if call.operation == "HeadBucket":
        answer.headers["x-amz-bucket-region"] = find_bucket(call.bucket).region_name
    if call.operation == "DeleteBucket" and answer.status < 300:
        world.policies.pop(f"arn:aws:s3:::{call.bucket}", None)
    return answer


def _check_owner(call: Call, owner: str, principal: Principal) -> None:
    for header in ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"):
        expected = call.headers.get(header)
        if expected and expected != owner:
            raise AwsError("AccessDenied", "Access Denied", 403)
    if call.operation in _OWNER_ONLY and principal.account != owner:
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)


def _create(world: World, call: Call, principal: Principal) -> Answer:
    owner = bucket_owner(call.bucket)
    if owner == principal.account:
        message = "Your previous request to create the named bucket succeeded and you already own it."
        raise AwsError("BucketAlreadyOwnedByYou", message, 409)
    if owner:
        raise AwsError("BucketAlreadyExists", "The requested bucket name is not available.", 409)
    answer = moto_app.forward(call, principal.account)
    bucket = find_bucket(call.bucket)
    if answer.status < 300 and bucket is not None:
        # What AWS gives every new bucket since April 2023.
        bucket.ownership_rule = bucket.ownership_rule or "BucketOwnerEnforced"
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        default = {"SSEAlgorithm": "AES256"}
        bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": "false"}}
        world.policies[f"arn:aws:s3:::{call.bucket}"] = [(0.0, None)]
    return answer


def _put_policy(world: World, call: Call, owner: str) -> Answer:
    text = call.body.decode()
    document = _parsed(text)
    bucket = find_bucket(call.bucket)
    block = bucket.public_access_block
    if _is_public(document) and block is not None and _true(block.block_public_policy):
        message = "public policies are blocked by the BlockPublicPolicy block public access setting."
        raise AwsError("AccessDenied", f"User is not authorized to perform: s3:PutBucketPolicy because {message}", 403)
    answer = moto_app.forward(call, owner)
    if answer.status < 300:
        world.policy_changed(f"arn:aws:s3:::{call.bucket}", text)
    return answer


def _parsed(text: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(text)
        statements = listed(document["Statement"])
        names = [name for statement in statements for name in _named(statement)]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AwsError("MalformedPolicy", "This policy contains invalid Json", 400) from None
    if any("Effect" not in statement or "Resource" not in statement for statement in statements):
        raise AwsError("MalformedPolicy", "Missing required field", 400)
    if not all(principals.principal_exists(name, set(ACCOUNTS)) for name in names):
        raise AwsError("MalformedPolicy", "Invalid principal in policy", 400)
    return document


def _named(statement: dict[str, Any]) -> list[str]:
    named = statement.get("Principal", statement.get("NotPrincipal"))
    if named is None:
        raise KeyError("Principal")
    return listed(named.get("AWS", [])) if isinstance(named, dict) else [str(named)]


def _is_public(document: dict[str, Any]) -> bool:
    """An Allow for everyone without a condition that fixes who: what S3 calls public."""
    fixed = ("aws:PrincipalOrgID", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:SourceAccount", "aws:SourceArn")
    for statement in listed(document["Statement"]):
        if statement["Effect"] == "Allow" and "*" in _named(statement):
            keys = {key for lines in statement.get("Condition", {}).values() for key in lines}
            if not keys & set(fixed):
                return True
    return False


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _delete_policy(world: World, call: Call, owner: str) -> Answer:
    answer = moto_app.forward(call, owner)
    world.policy_changed(f"arn:aws:s3:::{call.bucket}", None)
    return answer


def _get_payment(_: World, call: Call, __: str) -> Answer:
    payer = find_bucket(call.bucket).payer
    return xml_answer(f"<RequestPaymentConfiguration {_NAMESPACE}><Payer>{payer}</Payer></RequestPaymentConfiguration>")


def _put_payment(_: World, call: Call, __: str) -> Answer:
    found = re.search(rb"<Payer>(Requester|BucketOwner)</Payer>", call.body)
    if not found:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed", 400)
    find_bucket(call.bucket).payer = found.group(1).decode()
    return Answer(200)
