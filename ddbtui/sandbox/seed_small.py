"""Three tiny tables: composite key with an index, simple key with TTL and tags, and one with a local index."""

from __future__ import annotations

from ddbtui.sandbox import items
from ddbtui.sandbox.profiles import SOURCE
from ddbtui.sandbox.seed_tables import keys, make_table
from ddbtui.sandbox.table_state import state_of


def seed() -> None:
    """Make the tables in the source account."""
    orders = make_table(
        SOURCE,
        "orders",
        "customer:S order:N",
        indexes={"by-status": keys("status:S")},
        extra="status:S",
    )
    for number in range(30):
        attributes = {
            "customer": {"S": f"customer-{number % 7}"},
            "order": {"N": str(1000 + number)},
            "status": {"S": ("new", "paid", "sent")[number % 3]},
            "total": {"N": items.number(f"{number * 3.25 + 1:.2f}")},
            "lines": {"L": [{"M": {"sku": {"S": f"sku-{number}"}, "count": {"N": "1"}}}]},
            "gift": {"BOOL": number % 5 == 0},
        }
        items.insert(orders, attributes)
    sessions = make_table(SOURCE, "sessions", "id:S", tags={"team": "web", "cost-centre": "4711"})
    sessions.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    for number in range(12):
        items.insert(
            sessions,
            {"id": {"S": f"session-{number}"}, "expires": {"N": str(4_000_000_000 + number)}, "note": {"S": ""}},
        )
    threads = make_table(
        SOURCE, "threads", "forum:S subject:S", local={"by-date": keys("forum:S posted:N")}, extra="posted:N"
    )
    for number in range(8):
        attributes = {"forum": {"S": "general"}, "subject": {"S": f"subject {number}"}, "posted": {"N": str(number)}}
        items.insert(threads, attributes)
    for table in (orders, sessions, threads):
        state_of(table).size = None
