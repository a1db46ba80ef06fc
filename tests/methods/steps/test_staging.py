"""Where exports lie in the bucket."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ddbtui.methods.steps.staging import BucketOptions


@pytest.mark.parametrize("prefix", ["ddbtui", "a/b", "-x", "...", "a..b/.c"])
def test_a_folder_is_taken(prefix: str) -> None:
    assert BucketOptions(type="glue", bucket="staging", prefix=prefix).prefix == prefix


@pytest.mark.parametrize("prefix", ["..", ".", "../..", "a/../b", "a/."])
def test_a_way_out_of_the_folder_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError, match="no folder called"):
        BucketOptions(type="glue", bucket="staging", prefix=prefix)
