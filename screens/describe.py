"""An inventory in lines for people."""

from __future__ import annotations

from collections.abc import Iterable

from ddbtui.aws.table import Index, KeyPart, Table
from ddbtui.text import plural, shown, size


def describe(table: Table) -> list[tuple[str, str]]:
    """Return label and text for all that describes a table, the plain cases kept short."""
    rows = [
        ("Status", table.status),
        ("Size", f"{size(table.size_bytes)}, {plural(table.item_count, 'item')} (AWS counts every 6 hours or so)"),
        ("Keys", _keys(table.keys, table.attributes)),
        ("Billing", _billing(table)),
        *_indexes("Global index", table.global_indexes, table.attributes),
        *_indexes("Local index", table.local_indexes, table.attributes),
        ("Encryption", table.encryption.kind + (f", {table.encryption.key_arn}" if table.encryption.key_arn else "")),
        ("Class", table.table_class),
        ("PITR", f"on, {table.pitr_days or 35} days" if table.pitr else "off"),
        ("TTL", f"{table.ttl_attribute} ({table.ttl_status})" if table.ttl_attribute else "off"),
        ("Stream", table.stream_view or "off"),
        ("Kinesis", ", ".join(table.kinesis_streams) or "none"),
        (
            "Scaling",
            ", ".join(f"{s.resource_id} {s.dimension} {s.minimum} to {s.maximum}" for s in table.scaling) or "none",
        ),
        ("Replicas", ", ".join(table.replicas) or "none"),
        ("Protection", "on" if table.deletion_protection else "off"),
        ("Policy", "has a resource policy" if table.resource_policy else "none"),
        ("Insights", ", ".join(name or "table" for name in table.contributor_insights) or "off"),
        ("Tags", ", ".join(f"{key}={value}" for key, value in sorted(table.tags.items())) or "none"),
        ("Created", f"{table.created:%Y-%m-%d %H:%M} UTC" if table.created else "unknown"),
        ("Read", f"{table.read_at:%Y-%m-%d %H:%M:%S} UTC"),
    ]
    if table.unknown:
        rows.insert(1, ("Not read", "no permission for " + ", ".join(table.unknown)))
    return [(label, shown(text)) for label, text in rows]


def _keys(keys: Iterable[KeyPart], types: dict[str, str]) -> str:
    words = {"HASH": "partition", "RANGE": "sort"}
    return ", ".join(f"{key.name} ({words[key.role]}, {types.get(key.name, '?')})" for key in keys)


def _billing(table: Table) -> str:
    if table.billing == "PAY_PER_REQUEST":
        limits = [str(n) for n in (table.max_read_units, table.max_write_units) if n]
        return "on demand" + (f", at most {' / '.join(limits)} units" if limits else "")
    return f"provisioned, {table.read_units} read / {table.write_units} write units"


def _indexes(label: str, indexes: Iterable[Index], types: dict[str, str]) -> list[tuple[str, str]]:
    return [(label, f"{i.name}: {_keys(i.keys, types)}, {i.projection}") for i in indexes]
