"""A front door without an engine room: the same methods as `ddbtui.service.Service`, scripted and deterministic."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account, Identity
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.profiles import Profile
from ddbtui.aws.table import Encryption, Index, KeyPart, Table
from ddbtui.draft import matching
from ddbtui.engine.records import ResourceRecord
from ddbtui.engine.snapshot import ChainView, Event, GateView, RunState, Snapshot, StepState, StepView
from ddbtui.engine.step import RUN, Progress, Resource, Work
from ddbtui.errors import UserError
from ddbtui.methods.base import CostLine, Estimate, Kept, Method, Verdict
from ddbtui.plan.model import AccountRef, MethodOptions, Plan, Side, Strict
from ddbtui.plan.writer import save_plan
from ddbtui.prerequisites.base import Change, Finding, Outcome, Prerequisite, Remedy
from ddbtui.service import CleanUpResult, RunInfo

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OLD, NEW = "111111111111", "222222222222"
ACCOUNTS = {"prod-old": OLD, "prod-new": NEW, "twin": OLD, "[/x]": NEW, None: OLD}
POLICY = '{\n  "Statement": []\n}'
POLICY_AFTER = '{\n  "Statement": [\n    {"Sid": "DdbtuiWrite"}\n  ]\n}'


class FakeKey(Strict):
    kms_key_arn: str = Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9_-]+$")


class FakeOptions(MethodOptions):
    type: Literal["s3-import"] = "s3-import"
    bucket: str = Field(
        min_length=3,
        description="Bucket for the export, in the target account",
        json_schema_extra={"suggest": "ddbtui-{target_account_id}-{target_region}"},
    )
    prefix: str = Field("ddbtui", description="Folder in the bucket")
    encryption: FakeKey | None = Field(None, description="Key for what is staged")


class FakePrerequisite(Prerequisite):
    def __init__(self, move: Move, id_: str, title: str, moving: MovingTable | None = None) -> None:
        super().__init__(move, moving)
        self.id, self.title = id_, title

    def check(self) -> Finding:
        raise AssertionError("the service checks")

    def access(self) -> Sequence[Access]:
        return ()


class FakeMethod(Method):
    id = "s3-import"
    title = "S3 export and import"
    summary = "DynamoDB exports to S3 in the source account and imports into a new table in the target account."
    url = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html"
    options = FakeOptions
    keeps: ClassVar[Mapping[str, Kept]] = {"items": "kept", "local indexes": "impossible", "TTL": "re-applied"}

    def suits(self, table: Table) -> Verdict:
        if table.local_indexes:
            return Verdict(False, ("has 1 local secondary index, ImportTable can't create it; direct keeps it",))
        return Verdict(True)

    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        gib = sum(table.size_bytes for table in tables) / 2**30
        return Estimate(
            (CostLine("export", f"{gib:.1f} GiB", gib * 0.1), CostLine("import", "…", gib * 0.15)), (300, 1800)
        )

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        return [
            FakePrerequisite(move, "identity", "The credentials belong to the planned accounts"),
            FakePrerequisite(move, "bucket-policy", "The bucket lets the source account write"),
            *(FakePrerequisite(move, "target-free", "The target name is free", moving) for moving in move.tables),
        ]

    def access(self, move: Move) -> Sequence[Access]:
        return ()

    def changes(self, move: Move) -> Sequence[Change]:
        return ()

    def work(self, move: Move) -> Work:
        return Work(())


class PlannedOptions(MethodOptions):
    type: Literal["direct"] = "direct"


class FakePlanned(FakeMethod):
    id = "direct"
    title = "Direct copy"
    summary = "Reads every item and writes it to the new table."
    available = False
    options = PlannedOptions


def table(name: str, local: bool = False, items: int = 1200) -> Table:
    indexes = (Index(name="by-day", keys=(KeyPart(name="pk", role="HASH"),), projection="ALL"),) if local else ()
    return Table(
        name=name,
        arn=f"arn:aws:dynamodb:eu-west-1:{OLD}:table/{name}",
        table_id="id",
        status="ACTIVE",
        attributes={"pk": "S", "sk": "N"},
        keys=(KeyPart(name="pk", role="HASH"), KeyPart(name="sk", role="RANGE")),
        local_indexes=indexes,
        billing="PAY_PER_REQUEST",
        size_bytes=items * 1000,
        item_count=items,
        ttl_attribute="expires",
        ttl_status="ENABLED",
        encryption=Encryption(kind="aws-owned"),
        tags={"team": "[red]shop[/red]"},
        read_at=NOW,
    )


@dataclass
class FakeRun:
    """A run that goes on by as much as a test says. `finished` is the share of steps that are done."""

    run_id: str = "r0123456789"
    tables: tuple[str, ...] = ("orders",)
    at: RunState = "running"
    gates: tuple[GateView, ...] = ()
    events: tuple[Event, ...] = ()
    seconds: int = 42
    error: BaseException | None = None
    granted: list[tuple[str, str]] = field(default_factory=list)
    stopped: bool = False
    trouble: str = "Import failed: [/x] ValidationException"
    advice: str = "Look at the log."

    @property
    def state(self) -> RunState:
        return self.at

    @property
    def ended(self) -> bool:
        return self.at != "running"

    def finish(self, state: RunState) -> None:
        self.at, self.gates = state, ()

    def snapshot(self) -> Snapshot:
        chains = (
            self._chain(RUN, ("Account checks",)),
            *(self._chain(t, ("Export to S3", "Import")) for t in self.tables),
        )
        return Snapshot(
            self.run_id, self.at, NOW, NOW + timedelta(seconds=self.seconds), chains, self.gates, self.events
        )

    def _chain(self, subject: str, titles: tuple[str, ...]) -> ChainView:
        last: StepState = {"done": "done", "failed": "failed", "different": "failed"}.get(self.at, "running")  # type: ignore[assignment]
        states: list[StepState] = ["done"] * (len(titles) - 1) + ["done" if subject == RUN else last]
        steps = [
            StepView(
                title.split()[0].lower() if title != "Import" else "counts",
                title,
                state,
                progress=Progress("IN_PROGRESS", 300, 1200) if state == "running" else Progress(),
                error=self.trouble if state == "failed" else "",
                hint=self.advice if state == "failed" else "",
                started=NOW,
                ended=NOW + timedelta(seconds=7) if state == "done" else None,
                result={"items": 1200, "setting": "ttl"} if state == "done" and subject != RUN else None,
            )
            for title, state in zip(titles, states, strict=True)
        ]
        return ChainView(subject, 0, tuple(steps))

    def grant(self, gate: str, subject: str = "*") -> None:
        self.granted.append((gate, subject))
        self.gates = tuple(g for g in self.gates if (g.gate, g.subject) != (gate, subject))

    def stop(self) -> None:
        self.stopped = True
        self.at = "stopped"

    def wait(self, timeout: float | None = None) -> RunState | None:
        return self.at if self.ended else None


class FakeService:
    """See `ddbtui.service.Service`. Tests set the attributes."""

    def __init__(self, names: Sequence[str] = ("orders", "customers", "shop-eu", "shop-us", "with-lsi")) -> None:
        self.names = list(names)
        self.profile_names = ["prod-old", "prod-new", "twin", "[/x]", "expired"]
        self.regions: dict[str, str] = {}
        self.refusal = UserError(
            "the SSO session of profile expired has ended", "Run `aws sso login --profile expired`."
        )
        self.endpoint: str | None = None
        self.outcomes: dict[str, Outcome] = {"bucket-policy": "fail"}
        self.applied: list[tuple[str, str]] = []
        self.consents: list[tuple[str, str]] = []
        self.run = FakeRun()
        self.run_list: list[RunInfo] = []
        self.resource_list: list[Resource] = []
        self.cleaned: list[str] = []
        self.block: threading.Event | None = None
        self.failing_tables: set[str] = set()
        self.calls: list[str] = []
        self.plan: Plan | None = None

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.block:
            self.block.wait(2)

    def profiles(self) -> list[Profile]:
        names = [(name, self.regions.get(name, "eu-west-1")) for name in self.profile_names]
        return [Profile(name, "sso", region, None, None, "SSO [acme], role Admin") for name, region in names]

    def identify(self, side: Side, ref: AccountRef) -> Identity:
        self._called(f"identify {side} {ref.profile}")
        if ref.profile == "expired":
            raise self.refusal
        account_id = ACCOUNTS[ref.profile]
        return Identity(account_id, f"arn:aws:sts::{account_id}:assumed-role/Admin/jane", "aws")

    def account(self, side: Side, ref: AccountRef) -> Any:
        @dataclass
        class Opened:
            endpoint: str | None

        return Opened(self.endpoint)

    def table_names(self, side: Side, ref: AccountRef) -> Iterator[list[str]]:
        self._called("table_names")
        for start in range(0, len(self.names), 100):
            yield self.names[start : start + 100]

    def inventory(self, side: Side, ref: AccountRef, name: str, fresh: bool = False) -> Table:
        self._called(f"inventory {name}")
        if name in self.failing_tables:
            raise UserError(f"{name}: AccessDenied for dynamodb:DescribeTable", "Allow it.")
        return table(name, local=name == "with-lsi")

    def methods(self) -> tuple[Method, ...]:
        return FakeMethod(), FakePlanned()

    def save_plan(self, plan: Plan, path: Path) -> None:
        save_plan(plan, path)

    def resolve(self, plan: Plan) -> Move:
        self._called("resolve")
        self.plan = plan
        new_names = {choice.name: choice.target_name for choice in plan.tables}
        moving = tuple(MovingTable(table(n), new_names.get(n) or n) for n in matching(plan.tables, self.names))
        return Move(plan, Account("source", plan.source), Account("target", plan.target), moving)

    def _finding(self, prerequisite: Prerequisite) -> Finding:
        outcome = self.outcomes.get(prerequisite.id, "pass")
        change = Change("target", NEW, "s3:PutBucketPolicy", "arn:aws:s3:::staging", POLICY, POLICY_AFTER)
        remedy = (
            Remedy("Add a statement to the bucket policy", (change,)) if prerequisite.id == "bucket-policy" else None
        )
        advice = "Apply the remedy." if outcome == "fail" else ""
        return Finding(
            prerequisite.id, prerequisite.subject, prerequisite.title, outcome, "AWS said [so].", advice, remedy
        )

    def check(self, move: Move, on_finding: Callable[[Finding], None] | None = None) -> list[Finding]:
        self._called("check")
        findings = [self._finding(one) for one in FakeMethod().prerequisites(move)]
        for finding in findings:
            if on_finding:
                on_finding(finding)
        return findings

    def recheck(self, move: Move, key: tuple[str, str]) -> Finding:
        self._called(f"recheck {key[0]}")
        return next(self._finding(p) for p in FakeMethod().prerequisites(move) if (p.id, p.subject) == key)

    def apply_remedy(self, move: Move, key: tuple[str, str]) -> Finding:
        self.applied.append(key)
        self.outcomes[key[0]] = "pass"
        return self.recheck(move, key)

    def estimate(self, move: Move) -> Estimate:
        return FakeMethod().estimate([moving.table for moving in move.tables], None)

    def changes(self, move: Move, findings: Iterable[Finding] = ()) -> list[Change]:
        arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/"
        return [
            Change("source", OLD, "dynamodb:ExportTableToPointInTime", arn + moving.name, after="Export to S3")
            for moving in move.tables
        ]

    def start(
        self, move: Move, consents: Iterable[tuple[str, str]] = (), interactive: bool = False, new: bool = False
    ) -> FakeRun:
        self._called("start")
        self.consents = list(consents)
        self.run.tables = tuple(moving.name for moving in move.tables)
        return self.run

    def resume(
        self, run_id: str, consents: Iterable[tuple[str, str]] = (), interactive: bool = False, retry: bool = True
    ) -> FakeRun:
        self._called(f"resume {run_id}")
        self.run = replace(self.run, run_id=run_id, at="running")
        return self.run

    def runs(self) -> list[RunInfo]:
        return self.run_list

    def snapshot(self, run_id: str) -> Snapshot:
        return self.run.snapshot()

    def plan_of(self, run_id: str) -> Plan:
        return self.plan or plan()

    def resources(self, run_id: str) -> tuple[ResourceRecord, ...]:
        return tuple(ResourceRecord(r, run_id, "", RUN, "", NOW) for r in self.resource_list)

    def cancel(self, run_id: str) -> str:
        self._called(f"cancel {run_id}")
        self.run_list = [replace(info, state="cancelled") for info in self.run_list]
        return "AWS goes on with 1 job that it can't cancel"

    def clean_up(self, run_id: str, consents: Iterable[str] = ()) -> CleanUpResult:
        self.cleaned = [r.name for r in self.resource_list if r.fate == "remove" or r.name in set(consents)]
        return CleanUpResult(tuple(self.cleaned), (), ())


def plan(*names: str) -> Plan:
    data = {
        "version": 1,
        "source": {"profile": "prod-old", "region": "eu-west-1", "account_id": OLD},
        "target": {"profile": "prod-new", "region": "eu-west-1", "account_id": NEW},
        "tables": [{"name": name} for name in names or ("orders", "customers")],
        "method": {"type": "s3-import", "bucket": "staging"},
    }
    return Plan.model_validate(data, context={"methods": {"s3-import": FakeOptions}})


def run_info(run_id: str = "r0123456789", state: RunState = "stopped") -> RunInfo:
    tables = ("orders", "customers")
    return RunInfo(run_id, state, NOW, NOW, f"{OLD} eu-west-1", f"{NEW} eu-west-1", "s3-import", tables, None)
