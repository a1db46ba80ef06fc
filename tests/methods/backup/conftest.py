from __future__ import annotations

import pytest

from tests.methods.lab import Lab


@pytest.fixture
def organized(lab: Lab) -> Lab:
    """The management account has switched cross-account backup on: ddbtui can't."""
    manager = lab.sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    return lab
