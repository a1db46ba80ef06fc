"""Three tiny tables: composite key with an index, simple key with TTL and tags, and one with a local index."""

from __future__ import annotations

from ddbtui.sandbox.dynamodb import items
from ddbtui.sandbox.profiles import SOURCE
from ddbtui.sandbox.seeds.tables import Wanted, keys, make_table, set_ttl


def seed() -> None:
    """Make the tables in the source account."""
    _orders()
    _sessions()
    _threads()


def _orders() -> None:
    wanted = Wanted(SOURCE, "orders", "customer:S order:N", indexes={"by-status": keys("status:S")}, extra="status:S")
    table = make_table(wanted)
    for number in range(30):
        attributes = {
            "customer": {"S": f"customer-{number % 7}"},
            "order": {"N": str(1000 + number)},
            "status": {"S": ("new", "paid", "sent")[number % 3]},
            "total": {"N": items.number(f"{number * 3.25 + 1:.2f}")},
            "lines": {"L": [{"M": {"sku": {"S": f"sku-{number}"}, "count": {"N": "1"}}}]},
            "gift": {"BOOL": number % 5 == 0},
        }
        items.insert(table, attributes)


def _sessions() -> None:
    table = make_table(Wanted(SOURCE, "sessions", "id:S", tags={"team": "web", "cost-centre": "4711"}))
    set_ttl(table, "expires")
    for number in range(12):
        expires = {"N": str(4_000_000_000 + number)}
        items.insert(table, {"id": {"S": f"session-{number}"}, "expires": expires, "note": {"S": ""}})


def _threads() -> None:
    local = {"by-date": keys("forum:S posted:N")}
    table = make_table(Wanted(SOURCE, "threads", "forum:S subject:S", local=local, extra="posted:N"))
    for number in range(8):
        attributes = {"forum": {"S": "general"}, "subject": {"S": f"subject {number}"}, "posted": {"N": str(number)}}
        items.insert(table, attributes)
