"""The proof of a restored table: since writes have stopped, the source itself is what the copy must equal."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.dataplane.canonical import Item, NotCanonical
from ddbtui.dataplane.digest import Digest, Hasher, bits_for
from ddbtui.dataplane.scan import Pace, SegmentedScan
from ddbtui.engine.step import Done, Json, Progress, Step, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.proof import ProofStep, Reading, segments_of
from ddbtui.text import shown

_SHARE = 0.5
"""Of a provisioned source's read units: applications may still read."""


def reading_steps(move: Move, moving: MovingTable) -> Iterator[Step]:
    """Yield the step that reads the source, if the plan wants a proof."""
    if move.plan.proof != "off":
        yield ReadSourceStep(move, moving)


def live_proof_steps(move: Move, moving: MovingTable) -> Iterator[Step]:
    """Yield the step that compares the copy with what was read: every item, or their count, as the plan wants."""
    if move.plan.proof != "off":
        yield LiveProofStep(move, moving) if move.plan.proof == "digest" else CountsStep(move, moving)


def source_access(table: Table, why: str) -> list[Access]:
    """Return what reading the source needs: DynamoDB uses a customer managed key in the reader's name.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    found = [Access("source", "dynamodb:Scan", table.arn, why)]
    if table.encryption.kind == "customer" and table.encryption.key_arn:
        found.append(Access("source", "kms:Decrypt", table.encryption.key_arn, why))
    return found


class ReadSourceStep(TableStep):
    """Reads the whole source once, right before the backup: what time to live deletes later, both then have."""

    name = "read-source"
    title = "Read the source for the proof"
    slot = "read"
    poll_seconds = 1

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._reading = Reading(self._scan, "reading the source", self._new_digest)

    def access(self) -> Sequence[Access]:
        """One scan."""
        return source_access(self.moving.table, "read every item of the source")

    def start(self, ctx: StepContext) -> Json:
        """Choose the secret of the digest, which must be the same however often the reading is interrupted."""
        return {"secret": secrets.token_hex(16)}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Read on."""
        table = self.moving.table
        hasher = Hasher(bytes.fromhex(handle["secret"]), [key.name for key in table.keys], bits_for(table.item_count))
        try:
            digest = self._reading.read(ctx, hasher, None)
        except NotCanonical as error:
            raise StepFailed(f"an item of the source can't be compared: {shown(error)}") from error
        if digest is None:
            return Progress("stopped")
        return Done(self._result(digest, handle["secret"]))

    def _new_digest(self, hasher: Hasher) -> Digest:
        return Digest(hasher)

    def _result(self, digest: Digest, secret: str) -> Json:
        return {"items": digest.count, "secret": secret, "digest": digest.to_json()}

    def _scan(self) -> SegmentedScan:
        table = self.moving.table
        units = (table.read_units or 0) * _SHARE if table.billing == "PROVISIONED" else None
        client = self.move.source.client("dynamodb")
        return SegmentedScan(client, table.name, segments_of(table.size_bytes), Pace(units))


class CountsStep(TableStep):
    """Counts the items of the new table, by reading it: no count that AWS keeps is younger than six hours."""

    name = "counts"
    title = "Compare the counts"
    slot = "read"
    poll_seconds = 1

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._reading = Reading(self._scan, "counting the copy")

    def access(self) -> Sequence[Access]:
        """One scan."""
        return [Access("target", "dynamodb:Scan", self.target_arn, "count the items of the copy")]

    def start(self, ctx: StepContext) -> Json:
        """Nothing to start: there is nothing to be made."""
        return {}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Read on, and compare at the end."""
        source = ctx.result("read-source")
        hasher = Hasher(bytes.fromhex(source["secret"]), [key.name for key in self.moving.table.keys], 4)
        digest = self._reading.read(ctx, hasher, source["items"])
        if digest is None:
            return Progress("stopped")
        if digest.count != source["items"]:
            self._reading.forget()
            told = f"the counts differ: source {source['items']:,}, copy {digest.count:,}"
            raise StepFailed(told, "The new table is not a copy. Delete it and start a new run.", "different")
        return Done({"items": digest.count})

    def _scan(self) -> SegmentedScan:
        client = self.move.target.client("dynamodb")
        return SegmentedScan(client, self.moving.target_name, segments_of(self.moving.table.size_bytes))


class LiveProofStep(ProofStep):
    """Holds the new table against the digest of the source."""

    def access(self) -> Sequence[Access]:
        """Read the new table, and the source once more should they differ."""
        why = "read the source again where it seems to differ"
        return [*super().access(), *source_access(self.moving.table, why)]

    def source_digest(self, ctx: StepContext) -> Json:
        """What was read before the backup."""
        return ctx.result("read-source")

    def source_items(self, ctx: StepContext) -> Iterable[Item]:
        """The source as it is now: what differs from then was written in between."""
        return _items(self.move, self.moving.name)

    def excused(self, ctx: StepContext, item: Item) -> bool:
        """Time to live goes on deleting in the source, where nobody writes: what is over may be in the copy only.

        The new table's own time to live is switched on after the proof, and then deletes it there.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
        """
        table = self.moving.table
        if not table.ttl_attribute or table.ttl_status not in ("ENABLED", "ENABLING"):
            return False
        over = item.get(table.ttl_attribute, {}).get("N")
        try:
            return over is not None and float(over) < ctx.now().timestamp()
        except ValueError:
            return False


def _items(move: Move, name: str) -> Iterator[Item]:
    """Yield page after page: only one is held at a time."""
    scan = SegmentedScan(move.source.client("dynamodb"), name, 1)
    page: list[Item] = []
    read = [False]

    def take(_: int, items: list[Item]) -> None:
        page.extend(items)
        read[0] = True

    while not scan.done:
        read[0] = False
        scan.run(take, lambda: read[0])
        yield from page
        page.clear()
