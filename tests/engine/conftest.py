from __future__ import annotations

import pytest

from tests.engine.support import make_journal


@pytest.fixture
def journal(tmp_path):
    with make_journal(tmp_path) as journal:
        yield journal
