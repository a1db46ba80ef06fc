"""The key of the Data Catalog is told where users of the catalog need it."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.prerequisites.catalog_encryption import CatalogEncryption
from tests.aws.live import REGION, TARGET, Live, declared
from tests.prerequisites.holding import checked

ROLE = f"arn:aws:iam::{TARGET}:role/glue-worker"
KEY = f"arn:aws:kms:{REGION}:{TARGET}:key/12345678-1234-1234-1234-123456789012"


@pytest.mark.parametrize(
    ("settings", "outcome"),
    [
        (None, "pass"),
        ({"CatalogEncryptionMode": "SSE-KMS"}, "pass"),
        ({"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "alias/aws/glue"}, "pass"),
        ({"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": KEY}, "warn"),
        (
            {
                "CatalogEncryptionMode": "SSE-KMS-WITH-SERVICE-ROLE",
                "SseAwsKmsKeyId": KEY,
                "CatalogEncryptionServiceRole": ROLE,
            },
            "pass",
        ),
    ],
    ids=["off", "default", "of-aws", "customers", "service-role"],
)
def test_a_key_of_the_customers_is_told_to_whom_it_concerns(live: Live, settings: Any, outcome: str) -> None:
    if settings:
        live.admin("target", "glue").put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={"EncryptionAtRest": settings}
        )
    prerequisite = CatalogEncryption(live.move(), ROLE)
    finding = checked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == (outcome, None)
    assert live.used() == declared(prerequisite.access())
    if outcome == "warn":
        assert KEY in finding.evidence
        assert ROLE in finding.advice
