"""The proof by content: the digest of the exported items against a strongly consistent scan of the new table."""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.dataplane.canonical import Item, NotCanonical
from ddbtui.dataplane.compare import Comparison, DrillDown, chosen_buckets, item_reader
from ddbtui.dataplane.digest import Digest
from ddbtui.dataplane.export_files import DamagedExport
from ddbtui.dataplane.scan import Pace, SegmentedScan
from ddbtui.engine.step import Done, Json, Progress, StepContext, StepFailed
from ddbtui.methods.declared import TableStep
from ddbtui.methods.exports import exported_items
from ddbtui.methods.staging import Staging
from ddbtui.text import plural, shown

_SEGMENT_BYTES = 64 * 1024 * 1024
_MOST_SEGMENTS = 4


class ProofStep(TableStep):
    """Reads the whole target once, and names by key what differs. Works in `poll`, which a stopped run can leave.

    A scan that an error interrupted goes on where it stood as long as the process lives.
    """

    name = "proof"
    title = "Prove that every item is equal"
    slot = "read"
    poll_seconds = 1

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._staging = Staging(move)
        self._token = ""
        self._scan: SegmentedScan | None = None
        self._parts: dict[int, Digest] = {}

    def access(self) -> Sequence[Access]:
        """Read the new table, and the export once more should they differ."""
        return [
            Access("target", "dynamodb:Scan", self.target_arn, "read every item of the copy"),
            Access("target", "dynamodb:GetItem", self.target_arn, "read again what seems to differ"),
            *self._staging.read_access("target"),
        ]

    def start(self, ctx: StepContext) -> Json:
        """Nothing to start: there is nothing to be made."""
        return {}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Scan, compare, and drill down where it differs."""
        checked = ctx.result("check-export")
        names = [key.name for key in self.moving.table.keys]
        source = Digest.from_json(checked["digest"], bytes.fromhex(checked["secret"]), names)
        try:
            target = self._digest(ctx, source)
            if target is None:
                return Progress("stopped")
            if not source.differing(target):
                return Done({"items": target.count, "fingerprint": target.fingerprint(), "level": "every item"})
            found = self._drill_down(ctx, source, target)
        except (NotCanonical, DamagedExport) as error:
            raise StepFailed(f"an item can't be compared: {shown(error)}", kind="different") from error
        if found is None:
            return Progress("stopped")
        return self._judged(found, source, target)

    def _digest(self, ctx: StepContext, source: Digest) -> Digest | None:
        if self._token != ctx.token or self._scan is None:
            self._token, self._scan, self._parts = ctx.token, self._new_scan(), {}

        def take(segment: int, items: list[Item]) -> None:
            page = Digest(source.hasher)
            for item in items:
                page.add(item)
            self._parts.setdefault(segment, Digest(source.hasher)).merge(page)
            read = sum(part.count for part in list(self._parts.values()))
            ctx.progress(Progress("reading the copy", read, source.count))

        if not self._scan.run(take, ctx.should_stop):
            return None
        whole = Digest(source.hasher)
        for part in self._parts.values():
            whole.merge(part)
        return whole

    def _new_scan(self) -> SegmentedScan:
        table = self.moving.table
        segments = max(1, min(_MOST_SEGMENTS, table.size_bytes // _SEGMENT_BYTES))
        provisioned = table.billing == "PROVISIONED" and self.move.plan.target_table.billing == "as-source"
        pace = Pace(table.read_units if provisioned else None)
        return SegmentedScan(self.move.target.client("dynamodb"), self.moving.target_name, segments, pace)

    def _drill_down(self, ctx: StepContext, source: Digest, target: Digest) -> Comparison | None:
        buckets = chosen_buckets(source, target)
        ctx.log(f"{plural(len(source.differing(target)), 'bucket')} differ; looking for the items", "warn")
        drill = DrillDown(source.hasher, buckets)
        if not drill.read_target(self._new_scan(), ctx.should_stop):
            return None
        items = exported_items(self._staging.reader(), ctx.result("export")["manifest"])
        found = drill.compare(items, item_reader(self.move.target.client("dynamodb"), self.moving.target_name))
        found.more = found.more or len(buckets) < len(source.differing(target))
        self._scan = None  # a retry reads the table anew
        return found

    def _judged(self, found: Comparison, source: Digest, target: Digest) -> Done:
        if not found.differences and not found.more:
            return Done({"items": source.count, "fingerprint": source.fingerprint(), "settled": found.settled})
        named = "; ".join(str(one) for one in found.differences)
        more = " and more" if found.more else ""
        raise StepFailed(
            f"the copy differs from its source: {named}{more} (source {source.count:,} items, copy {target.count:,})",
            "If nobody wrote to the new table, it is not a copy: delete it and start a new run.",
            "different",
        )
