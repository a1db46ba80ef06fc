"""Takes away the bucket between the accounts, what a run put into it, and statements in its policy and its key's."""

from __future__ import annotations

from typing import Any

from ddbtui.aws.account import Account
from ddbtui.aws.arns import parse_arn
from ddbtui.aws.errors import code, suppress_codes
from ddbtui.aws.policies import remove_statement
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.text import shown


def remove_objects(account: Account, resource: Resource) -> None:
    """Delete all objects of the run's folder (in a versioned bucket their versions stay, as its owner wants).

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    prefix = str(resource.data["prefix"])
    if not prefix.endswith("/") or prefix.count("/") < 2:
        raise UserError(f"{shown(prefix)} is no folder of a run")
    s3, where = account.client("s3"), _bucket(account, resource)
    with suppress_codes("NoSuchBucket"):
        for page in s3.get_paginator("list_objects_v2").paginate(**where, Prefix=prefix):
            keys = [{"Key": found["Key"]} for found in page.get("Contents", ())]
            if keys:
                answer = s3.delete_objects(**where, Delete={"Objects": keys, "Quiet": True})
                _no_errors(answer.get("Errors", ()))


def _no_errors(errors: Any) -> None:
    if errors:
        first = errors[0]
        raise UserError(
            f"{len(errors)} objects could not be removed, the first is {shown(first.get('Key'))}: "
            f"{shown(first.get('Code'))}: {shown(first.get('Message'))}",
            "See what denies s3:DeleteObject there, then clean up again.",
        )


def _bucket(account: Account, resource: Resource) -> dict[str, str]:
    name = str(resource.data.get("bucket") or resource.name.rsplit(":", 1)[-1])
    return {"Bucket": name, "ExpectedBucketOwner": account.account_id}


def remove_bucket(account: Account, resource: Resource) -> None:
    """Delete the bucket if nothing is in it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
    """
    where = _bucket(account, resource)
    try:
        if account.client("s3").list_objects_v2(**where, MaxKeys=1).get("KeyCount"):
            raise _not_empty(where["Bucket"])
        account.client("s3").delete_bucket(**where)
    except Exception as error:
        if code(error) == "BucketNotEmpty":  # no list of objects shows old versions and delete markers
            raise _not_empty(where["Bucket"]) from error
        if code(error) != "NoSuchBucket":
            raise


def _not_empty(bucket: str) -> UserError:
    return UserError(
        f"bucket {bucket} is not empty, so it stays",
        "Remove what is in it (old versions, too, if it is versioned), then clean up again.",
    )


def remove_bucket_statement(account: Account, resource: Resource) -> None:
    """Take the run's statement out of the bucket policy.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """
    s3, where = account.client("s3"), _bucket(account, resource)
    with suppress_codes("NoSuchBucketPolicy", "NoSuchBucket"):
        before = str(s3.get_bucket_policy(**where)["Policy"])
        after = remove_statement(before, resource.data["statement"])
        if after is None:
            s3.delete_bucket_policy(**where)
        elif after != before:
            s3.put_bucket_policy(**where, Policy=after)


def remove_key_statement(account: Account, resource: Resource) -> None:
    """Take the run's statement out of the key policy.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    key = str(resource.data["key_arn"])
    kms = account.client("kms", parse_arn(key).region)  # the bucket's region, which need not be the tables'
    with suppress_codes("NotFoundException"):
        before = str(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        after = remove_statement(before, resource.data["statement"])
        if after is None:
            raise UserError(f"the policy of key {shown(key)} has no other statement than ddbtui's; it must keep one")
        if after != before:
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=after)
