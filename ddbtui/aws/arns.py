"""Amazon Resource Names: taken apart and put together.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arn:
    """The six parts of an ARN. Region and account are empty where the service has none, e.g. for buckets."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"

    @property
    def name(self) -> str:
        """What follows the resource type, e.g. `orders` of `table/orders`; the whole resource if it has no type."""
        return self.resource.split("/", 1)[1] if "/" in self.resource else self.resource


def parse_arn(text: str) -> Arn:
    """Take an ARN apart.

    Raises:
        ValueError: it has fewer than six parts or doesn't start with `arn`.
    """
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        raise ValueError("not an ARN")
    return Arn(*parts[1:])


def table_arn(partition: str, region: str, account_id: str, name: str) -> str:
    """Return the ARN of a DynamoDB table."""
    return str(Arn(partition, "dynamodb", region, account_id, f"table/{name}"))


def bucket_arn(partition: str, bucket: str) -> str:
    """Return the ARN of an S3 bucket."""
    return str(Arn(partition, "s3", "", "", bucket))


def objects_arn(partition: str, bucket: str, prefix: str = "") -> str:
    """Return the ARN pattern of all objects of a bucket, or of those under a prefix (without a slash at its end)."""
    return str(Arn(partition, "s3", "", "", f"{bucket}/{prefix}/*" if prefix else f"{bucket}/*"))


def root_arn(partition: str, account_id: str) -> str:
    """Return the ARN that stands for a whole account as principal."""
    return str(Arn(partition, "iam", "", account_id, "root"))


def role_arn(partition: str, account_id: str, name: str) -> str:
    """Return the ARN of an IAM role; `name` may start with a path, e.g. `service/Migration`."""
    return str(Arn(partition, "iam", "", account_id, f"role/{name}"))


def role_name(arn: str) -> str | None:
    """Return the name of the role, without its path, of a role's or an assumed role's ARN; None for any other ARN."""
    try:
        parsed = parse_arn(arn)
    except ValueError:
        return None
    kind, _, rest = parsed.resource.partition("/")
    if kind == "role" and parsed.service == "iam":
        return rest.rsplit("/", 1)[-1]
    if kind == "assumed-role" and parsed.service == "sts":
        return rest.split("/", 1)[0]
    return None
