"""The state of the simulated world beyond what moto holds, and its clock."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ddbtui.sandbox.backup.state import BackupState
from ddbtui.sandbox.faults import Faults
from ddbtui.sandbox.glue.state import GlueState
from ddbtui.sandbox.jobs import Job
from ddbtui.sandbox.lake.state import LakeState
from ddbtui.sandbox.profiles import MANAGEMENT, SOURCE, TARGET
from ddbtui.sandbox.recorder import Recorder

ACCOUNTS = frozenset({SOURCE, TARGET, MANAGEMENT})


@dataclass
class World:
    """Everything that a reset wipes.

    Args:
        speed: seconds are multiplied by it; 0 makes all instant.
        seed: name of the data set.
        propagation: seconds until a new bucket or key policy takes effect, and a service may assume a new role.
        ahead: seconds by which its clock is ahead of the real one.
        organizations: account -> organization id; who is missing is in none.
        engine: what runs Glue's Spark jobs: `auto`, `spark` or `substitute`.
        quotas: what an account's quotas were set to, by account, service and code.
        endpoint: its own address, for the jobs that it runs.
        folder: where those jobs have their working folders; the system's temporary folder if none is given.
        managers: organization id -> its management account.
    """

    speed: float = 1.0
    seed: str = "none"
    propagation: float = 0.0
    ahead: float = 0.0
    organizations: dict[str, str] = field(default_factory=dict)
    managers: dict[str, str] = field(default_factory=dict)
    organization_features: str = "ALL"
    engine: str = "auto"
    endpoint: str = ""
    folder: str | None = None
    faults: Faults = field(default_factory=Faults)
    recorder: Recorder = field(default_factory=Recorder)
    backup: BackupState = field(default_factory=BackupState)
    glue: GlueState = field(default_factory=GlueState)
    lake: LakeState = field(default_factory=LakeState)
    jobs: list[Job] = field(default_factory=list)
    policies: dict[str, list[tuple[float, str | None]]] = field(default_factory=dict)
    quotas: dict[tuple[str, str, str], float] = field(default_factory=dict)
    deleting: dict[tuple[str, str, str], tuple[float, dict[str, Any]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self.ahead

    def after(self, seconds: float) -> float:
        """The moment that many simulated seconds from now."""
        return self.now() + seconds * self.speed

    def organization_of(self, account: str) -> str | None:
        """The organization of an account."""
        return self.organizations.get(account)

    def tick(self) -> None:
        """Let jobs whose time has come go on. Called before every call, so that nobody can see it happen late."""
        for job in [job for job in self.jobs if not job.ended]:
            job.advance(self)

    def policy_changed(self, resource: str, text: str | None) -> None:
        """Note a new policy text; it takes effect after `propagation`."""
        self.policies.setdefault(resource, [(0.0, None)]).append((self.now() + self.propagation, text))

    def effective_policy(self, resource: str) -> str | None:
        """The policy that is in effect now."""
        texts = [text for since, text in self.policies.get(resource, []) if since <= self.now()]
        return texts[-1] if texts else None
