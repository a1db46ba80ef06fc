from __future__ import annotations

import pytest

from ddbtui.screens import step


@pytest.fixture(autouse=True)
def _quickly_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types ahead in most tests."""
    monkeypatch.setattr(step, "ARM_AFTER", 0.02)
