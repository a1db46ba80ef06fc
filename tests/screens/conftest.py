from __future__ import annotations

import pytest

from ddbtui.screens import step


@pytest.fixture(autouse=True)
def _quickly_armed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types ahead in most tests; those that do are marked by asking for `real_arming`."""
    if "real_arming" not in request.fixturenames:
        monkeypatch.setattr(step, "ARM_AFTER", 0.02)


@pytest.fixture
def real_arming() -> float:
    return step.ARM_AFTER
