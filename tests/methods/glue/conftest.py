from __future__ import annotations

import pytest

from tests.methods.lab import Lab
from tests.support.sandbox import TestSandbox


@pytest.fixture
def lab(in_sandbox: TestSandbox) -> Lab:
    """The sandbox, as it was at first; Glue's jobs run without Spark."""
    in_sandbox.control("glue", engine="substitute")
    return Lab(in_sandbox)
