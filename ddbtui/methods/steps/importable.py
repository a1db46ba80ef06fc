"""Whether an import can take what was exported: told before AWS begins with it, which is billed also if it fails.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Validation.html
"""

from __future__ import annotations

from collections import Counter

from ddbtui.aws.move import Move, MovingTable
from ddbtui.dataplane.canonical import Item
from ddbtui.dataplane.digest import Digest
from ddbtui.dataplane.export_files import Bucket
from ddbtui.engine.step import Json, StepContext, StepFailed
from ddbtui.methods.steps.exports import CheckExportStep, ExportReading
from ddbtui.text import shown

FILES = 50_000
"""Files that one import takes."""


class CheckImportableStep(CheckExportStep):
    """Checks the export, and that neither the number of its files nor an index's key will fail the import.

    An index that was added to a table leaves out items whose attribute of that name has another type, or is empty. A
    table that is made with the index does not take them.
    """

    def __init__(self, move: Move, moving: MovingTable, most_files: int = FILES) -> None:
        super().__init__(move, moving)
        self._most_files = most_files
        table = moving.table
        keys = {key.name for index in (*table.global_indexes, *table.local_indexes) for key in index.keys}
        self._kinds = {name: table.attributes[name] for name in keys - {key.name for key in table.keys}}
        self._misfits: Counter[str] = Counter()

    def _begin(self, ctx: StepContext, bucket: Bucket, export: Json) -> ExportReading:
        reading = super()._begin(ctx, bucket, export)
        if len(reading.manifest.files) > self._most_files:
            told = f"the export has {len(reading.manifest.files):,} files, AWS imports {self._most_files:,} at a time"
            raise StepFailed(told, "Choose a method without that limit for this table, e.g. s3-glue.")
        self._misfits.clear()
        return reading

    def _take(self, digest: Digest, item: Item) -> None:
        super()._take(digest, item)
        for name, kind in self._kinds.items():
            if name in item and not item[name].get(kind):
                self._misfits[name] += 1

    def _result(self, reading: ExportReading) -> Json:
        if self._misfits:
            raise StepFailed(f"an import refuses items of this export: {self._told()}", _HINT)
        return super()._result(reading)

    def _told(self) -> str:
        return "; ".join(
            f"{shown(name, 60)} is the key of an index and must be of type {self._kinds[name]}, but has another type "
            f"or is empty in {count:,} of them"
            for name, count in sorted(self._misfits.items())
        )


_HINT = (
    "The source's index leaves such items out. The method `backup` keeps them; so do s3-glue and glue with "
    "`indexes: after-load`. Or mend the items, and start a new run."
)
