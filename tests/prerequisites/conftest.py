from __future__ import annotations

from tests.aws.live_fixtures import live, sandbox_of_session

__all__ = ["live", "sandbox_of_session"]
