"""The fixtures behind `Live`, for the conftest of each folder that uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ddbtui.sandbox.process import Sandbox, start
from tests.aws.live import Live


@pytest.fixture(scope="session")
def sandbox_of_session() -> Iterator[Sandbox]:
    with start("small", speed=0) as sandbox:
        yield sandbox


@pytest.fixture
def live(sandbox_of_session: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Live:
    """Two accounts with the small tables, as nobody has touched them."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in sandbox_of_session.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(sandbox_of_session.folder))
    sandbox_of_session.control("reset", seed="small", speed=0)
    return Live(sandbox_of_session)
