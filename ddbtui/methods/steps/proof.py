"""The proof by content: the digest of the source's items against a strongly consistent scan of the new table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.dataplane.canonical import Item, NotCanonical
from ddbtui.dataplane.compare import Comparison, DrillDown, chosen_buckets, item_reader
from ddbtui.dataplane.digest import Digest, Hasher
from ddbtui.dataplane.export_files import DamagedExport
from ddbtui.dataplane.scan import Pace, SegmentedScan
from ddbtui.engine.step import Done, Json, Progress, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep
from ddbtui.text import plural, shown

_SEGMENT_BYTES = 64 * 1024 * 1024
_MOST_SEGMENTS = 4


class Reading:
    """A scan of a whole table into a digest. What an error or a stop interrupted goes on as long as the process lives.

    Args:
        scan: makes the scan, anew for each attempt.
        note: what people read meanwhile.
        digest: makes an empty digest.
    """

    def __init__(
        self, scan: Callable[[], SegmentedScan], note: str, digest: Callable[[Hasher], Digest] = Digest
    ) -> None:
        self._new_scan, self._note, self._new_digest = scan, note, digest
        self._token = ""
        self._scan: SegmentedScan | None = None
        self._parts: dict[int, Digest] = {}

    def read(self, ctx: StepContext, hasher: Hasher, total: int | None) -> Digest | None:
        """Read on. Returns None when asked to stop.

        Args:
            ctx: whose token tells one attempt from the next.
            hasher: the same at every call of an attempt.
            total: how many items there should be, for the progress.
        """
        if self._token != ctx.token or self._scan is None:
            self._token, self._scan, self._parts = ctx.token, self._new_scan(), {}

        def take(segment: int, items: list[Item]) -> None:
            page = self._new_digest(hasher)
            for item in items:
                page.add(item)
            self._parts.setdefault(segment, self._new_digest(hasher)).merge(page)
            read = sum(part.count for part in list(self._parts.values()))
            ctx.progress(Progress(self._note, read, total))

        if not self._scan.run(take, ctx.should_stop):
            return None
        whole = self._new_digest(hasher)
        for part in self._parts.values():
            whole.merge(part)
        return whole

    def forget(self) -> None:
        """Read the table anew next time."""
        self._scan = None


def segments_of(size_bytes: int) -> int:
    """Return in how many segments a table of that size is read."""
    return max(1, min(_MOST_SEGMENTS, size_bytes // _SEGMENT_BYTES))


class ProofStep(TableStep):
    """Reads the whole target once, and names by key what differs. Works in `poll`, which a stopped run can leave.

    A method says where the digest of the source is, and where to read its items again should the copy differ.
    """

    name = "proof"
    title = "Prove that every item is equal"
    slot = "read"
    poll_seconds = 1

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._reading = Reading(self._new_scan, "reading the copy")

    @abstractmethod
    def source_digest(self, ctx: StepContext) -> Json:
        """Return what an earlier step found: `secret` and `digest`."""

    @abstractmethod
    def source_items(self, ctx: StepContext) -> Iterable[Item]:
        """Read all items of the source once more."""

    def excused(self, ctx: StepContext, item: Item) -> bool:
        """Whether an item may be in the copy only. Never, if the source stands still."""
        return False

    def access(self) -> Sequence[Access]:
        """Read the new table."""
        return [
            Access("target", "dynamodb:Scan", self.target_arn, "read every item of the copy"),
            Access("target", "dynamodb:GetItem", self.target_arn, "read again what seems to differ"),
        ]

    def start(self, ctx: StepContext) -> Json:
        """Nothing to start: there is nothing to be made."""
        return {}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Scan, compare, and drill down where it differs."""
        found = self.source_digest(ctx)
        names = [key.name for key in self.moving.table.keys]
        source = Digest.from_json(found["digest"], bytes.fromhex(found["secret"]), names)
        try:
            target = self._reading.read(ctx, source.hasher, source.count)
            if target is None:
                return Progress("stopped")
            if not source.differing(target):
                return Done({"items": target.count, "fingerprint": target.fingerprint(), "level": "every item"})
            compared = self._drill_down(ctx, source, target)
        except (NotCanonical, DamagedExport) as error:
            raise StepFailed(f"an item can't be compared: {shown(error)}", kind="different") from error
        if compared is None:
            return Progress("stopped")
        return self._judged(compared, source, target)

    def _new_scan(self) -> SegmentedScan:
        table = self.moving.table
        provisioned = table.billing == "PROVISIONED" and self.move.plan.target_table.billing == "as-source"
        pace = Pace(table.read_units if provisioned else None)
        return SegmentedScan(
            self.move.target.client("dynamodb"), self.moving.target_name, segments_of(table.size_bytes), pace
        )

    def _drill_down(self, ctx: StepContext, source: Digest, target: Digest) -> Comparison | None:
        buckets = chosen_buckets(source, target)
        ctx.log(f"{plural(len(source.differing(target)), 'bucket')} differ; looking for the items", "warn")
        drill = DrillDown(source.hasher, buckets)
        if not drill.read_target(self._new_scan(), ctx.should_stop):
            return None
        read = item_reader(self.move.target.client("dynamodb"), self.moving.target_name)
        found = drill.compare(self.source_items(ctx), read, lambda item: self.excused(ctx, item))
        found.more = found.more or len(buckets) < len(source.differing(target))
        self._reading.forget()  # a retry reads the table anew
        return found

    def _judged(self, found: Comparison, source: Digest, target: Digest) -> Done:
        if not found.differences and not found.more:
            told = {"settled": found.settled, "excused": found.excused}
            return Done({"items": source.count, "fingerprint": source.fingerprint(), **told})
        named = "; ".join(str(one) for one in found.differences)
        more = " and more" if found.more else ""
        raise StepFailed(
            f"the copy differs from its source: {named}{more} (source {source.count:,} items, copy {target.count:,})",
            "If nobody wrote to the new table, it is not a copy: delete it and start a new run.",
            "different",
        )
