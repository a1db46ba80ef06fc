"""Option models and a plan for the tests of the plan, which know no method."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ddbtui.plan.model import InWords, KeyArn, MethodOptions, Strict

Folder = Annotated[str, StringConstraints(pattern="^[a-z]+$"), InWords("a folder of small letters, e.g. staging")]


class CopyEncryption(Strict):
    """Encryption of the staged copy."""

    kms_key_arn: KeyArn = Field(description="The key")


class CopyOptions(MethodOptions):
    """Every kind of field that a method's options may have."""

    type: Literal["copy"]
    bucket: str = Field(pattern=r"^[a-z0-9.-]{3,63}$", description="Staging bucket", examples=["my-bucket"])
    prefix: str = Field("ddbtui", max_length=100, description="Where in the bucket")
    encryption: CopyEncryption | None = None
    workers: int = Field(4, ge=1, le=64, description="At a time")
    ratio: float | None = Field(0.5, gt=0, le=1)
    dry: bool = False
    engine: Literal["spark", "hive"] = "spark"
    folder: Folder | None = Field(None, description="Not shown")
    subnets: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)


class PlainOptions(MethodOptions):
    """A method without options."""

    type: Literal["plain"] = "plain"


METHODS: dict[str, type[MethodOptions]] = {"copy": CopyOptions, "plain": PlainOptions}

GOOD = """\
version: 1
source: {profile: prod-old, region: eu-west-1, account_id: "111111111111"}
target:
  profile: prod-new
  region: eu-west-1
  account_id: "222222222222"
  role_arn: arn:aws:iam::222222222222:role/Migration
  external_id_env: DDBTUI_EXTERNAL_ID
tables:
  - name: orders          # the first
    target_name: orders-2
  - name: shop-*
method: {type: copy, bucket: staging, workers: 8, subnets: [a, b], labels: {x: y}}
carry_over: [tags, ttl]
proof: counts
acknowledge: [writes-stopped]
"""
