"""The key that encrypts the target's Data Catalog, which whoever uses the catalog must be allowed to use.

https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move
from ddbtui.prerequisites.base import Finding, Prerequisite, answering
from ddbtui.text import shown

_AWS_OWN = "alias/aws/glue"
"""Of AWS: its policy lets in whoever comes by way of Glue."""


class CatalogEncryption(Prerequisite):
    """The Data Catalog is not encrypted with a key of the customer's, or Glue itself uses that key.

    Otherwise nothing tells for sure that it will do: whether caller and role may use the key is up to its policy and
    grants. So it is a warning.

    Args:
        move: the plan with its accounts.
        role: ARN of the role of crawlers and jobs.
    """

    id = "catalog-encryption"
    title = "Crawlers and jobs may use the Data Catalog's key"

    def __init__(self, move: Move, role: str) -> None:
        super().__init__(move)
        self._role = role

    @answering
    def check(self) -> Finding:
        """Read the settings of the catalog."""
        told = self.move.target.client("glue").get_data_catalog_encryption_settings()
        settings = told["DataCatalogEncryptionSettings"].get("EncryptionAtRest", {})
        mode, key = settings.get("CatalogEncryptionMode", "DISABLED"), str(settings.get("SseAwsKmsKeyId") or _AWS_OWN)
        if mode == "DISABLED":
            return self.finding("pass", "No KMS key encrypts the Data Catalog.")
        if mode == "SSE-KMS-WITH-SERVICE-ROLE":
            return self.finding("pass", f"Glue uses the Data Catalog's key {shown(key)} in a role of its own.")
        if key.endswith(_AWS_OWN):
            return self.finding("pass", f"The Data Catalog's key is {_AWS_OWN}, which Glue's callers may use.")
        evidence = (
            f"The Data Catalog is encrypted with {shown(key)} ({shown(mode)}), which its users must be allowed to use."
        )
        actions = "kms:Decrypt, kms:Encrypt and kms:GenerateDataKey"
        return self.finding("warn", evidence, f"Allow {actions} on it to {self._role} and to the target's caller.")

    def access(self) -> Sequence[Access]:
        """One read, without a resource."""
        why = "see which key encrypts the Data Catalog"
        return [Access("target", "glue:GetDataCatalogEncryptionSettings", "*", why)]
