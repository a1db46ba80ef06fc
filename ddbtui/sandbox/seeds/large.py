"""One table with all that a table can have: 20,000 items, every attribute type, a local and two global indexes."""

from __future__ import annotations

from random import Random

from ddbtui.sandbox.dynamodb.items import Attributes, insert, number
from ddbtui.sandbox.profiles import SOURCE
from ddbtui.sandbox.seeds.tables import Wanted, keys, make_table, seeded

ITEMS = 20_000
_SHELVES = 500
_WORDS = ("river", "ärger", "été", "書", "пыль", "🚲", "", "\n")


def seed() -> None:
    """Make the table in the source account."""
    wanted = Wanted(
        SOURCE,
        "library",
        "shelf:S book:N",
        indexes={"by-author": keys("author:S year:N"), "by-borrower": keys("borrower:B")},
        local={"by-year": keys("shelf:S year:N")},
        extra="author:S year:N borrower:B",
        include={"by-borrower": ()},
        tags={"team": "library"},
    )
    table, random = make_table(wanted), seeded()
    for at in range(ITEMS):
        insert(table, _book(random, at))


def _book(random: Random, at: int) -> Attributes:
    """Every attribute type, with what is at their edges; only every third is lent, so one index is sparse."""
    words = [random.choice(_WORDS) for _ in range(3)]
    digits = random.getrandbits(120) % 10**38
    item: Attributes = {
        "shelf": {"S": f"shelf-{at % _SHELVES:03d}"},
        "book": {"N": number(str(at))},
        "author": {"S": f"author-{random.randrange(3000)}"},
        "year": {"N": str(1500 + random.randrange(500))},
        "title": {"S": " ".join(words)},
        "exact": {"N": number(f"{digits}E-{at % 60}")},
        "cover": {"B": "AAH/" * (1 + at % 5)},
        "lent": {"BOOL": at % 3 == 0},
        "lost": {"NULL": True},
        "genres": {"SS": sorted({word for word in words if word} | {"all"})},
        "prices": {"NS": [str(at), f"{at}.5"]},
        "scans": {"BS": ["AA==", "/w=="]},
        "loans": {"L": [{"S": ""}, {"L": []}, {"N": "-0.1"}, {"BOOL": True}]},
        "about": {"M": {" ": {"S": "a space"}, "deep": {"M": {"er": {"L": [{"B": ""}, {"NULL": True}]}}}}},
    }
    if at % 3 == 0:
        item["borrower"] = {"B": "AQID" + "BAUG" * (at % 7)}
    return item
