"""What is in the demo's tables: one function a table, given a seeded random and a running number."""

from __future__ import annotations

import base64
from random import Random

from ddbtui.sandbox.dynamodb.items import Attributes, number

_FIRST = ("Ada", "Björn", "Chloé", "Dmitri", "Esi", "Fátima", "Goro", "Håkon", "Inés", "José", "Kūnzhì", "Łucja")
_LAST = ("Abel", "Brønsted", "Castañeda", "Dvořák", "Eze", "Fröhlich", "Guðmundsdóttir", "Haß", "Ito", "O'Neil")
_COUNTRIES = ("DE", "FR", "IE", "NL", "PL", "SE")
_STATUS = ("new", "paid", "packed", "sent", "returned")
_START = 1_700_000_000
_NEAR_LIMIT = 398_000


def _text(value: str) -> Attributes:
    return {"S": value}


def _number(value: object) -> Attributes:
    return {"N": number(str(value))}


def _binary(random: Random, length: int) -> Attributes:
    return {"B": base64.b64encode(random.randbytes(length)).decode()}


def customer(random: Random, at: int) -> Attributes:
    """A person; some without a second line in the address, which is then an empty text."""
    first, last = random.choice(_FIRST), random.choice(_LAST)
    address = {
        "street": _text(f"{random.randint(1, 200)} Harbour Street"),
        "second_line": _text(""),
        "geo": {"L": [_number(f"{random.uniform(-90, 90):.6f}"), _number(f"{random.uniform(-180, 180):.6f}")]},
    }
    return {
        "customer_id": _text(f"c-{at:05d}"),
        "name": _text(f"{first} {last}"),
        "email": _text(f"{first}.{at}@example.com".lower()),
        "country": _text(random.choice(_COUNTRIES)),
        "joined": _number(_START + random.randint(0, 60_000_000)),
        "newsletter": {"BOOL": random.random() < 0.5},
        "address": {"M": address},
        "labels": {"SS": sorted(random.sample(["vip", "b2b", "staff", "test", "🚚 express"], random.randint(1, 3)))},
        "deleted_at": {"NULL": True},
    }


def order(random: Random, at: int) -> Attributes:
    """An order; not all have a status, so the index is sparse."""
    created = _START + at * 4711
    item = {
        "customer_id": _text(f"c-{random.randint(0, 399):05d}"),
        "order_id": _text(f"o-{at:06d}"),
        "created": _number(created),
        "day": _text(f"2024-{created // 2_678_400 % 12 + 1:02d}-{created // 86_400 % 28 + 1:02d}"),
        "total": _number(f"{random.uniform(1, 900):.2f}"),
        "lines": {"N": str(random.randint(1, 9))},
        "note": _text("" if at % 3 else "Please ring twice.\nThank you — 谢谢"),
    }
    if at % 10:
        item["status"] = _text(random.choice(_STATUS))
    return item


def order_line(random: Random, at: int) -> Attributes:
    """One line of an order."""
    return {
        "order_id": _text(f"o-{at // 4:06d}"),
        "line": _number(at % 4 + 1),
        "sku": _text(f"sku-{random.randint(0, 149):04d}"),
        "count": _number(random.randint(1, 12)),
        "price": _number(f"{random.uniform(0.5, 80):.2f}"),
    }


def product(random: Random, at: int) -> Attributes:
    """Every attribute type there is; number 7 is near the limit of 400 KB."""
    deep: Attributes = {"S": "bottom"}
    for level in range(20):
        deep = {"M": {f"level-{level}": deep}} if level % 2 else {"L": [deep, {"NULL": True}]}
    item = {
        "sku": _text(f"sku-{at:04d}"),
        "title": _text(f"Product {at} “{random.choice(_LAST)}”"),
        "price": _number(f"{random.uniform(0.5, 80):.2f}"),
        "thumbnail": _binary(random, 64),
        "available": {"BOOL": bool(at % 4)},
        "discontinued": {"NULL": True},
        "tags": {"SS": sorted({f"tag-{random.randint(0, 20)}" for _ in range(3)})},
        "sizes": {"NS": [number(str(each)) for each in sorted({random.randint(1, 60) / 2 for _ in range(4)})]},
        "checksums": {"BS": sorted({_binary(random, 8)["B"] for _ in range(2)})},
        "images": {"L": [_text(f"img/{at}/{each}.webp") for each in range(random.randint(0, 3))]},
        "specification": {"M": {"weight": _number(f"{random.uniform(0.01, 30):.3f}"), "empty": {"M": {}}}},
        "nested": deep,
    }
    if at == 7:
        item["manual"] = _text("".join(random.choices("abcdefghij \n", k=_NEAR_LIMIT)))
    return item


def stock(random: Random, at: int) -> Attributes:
    """How much of a product is in a warehouse."""
    return {
        "warehouse": _text(("dub", "ams", "waw")[at % 3]),
        "sku": _text(f"sku-{at // 3:04d}"),
        "count": _number(random.randint(0, 5_000)),
        "counted": _number(_START + at * 60),
    }


def session(random: Random, at: int) -> Attributes:
    """A web session with its end; far enough away never to expire in a demo."""
    return {
        "session": _text(random.randbytes(12).hex()),
        "expires": _number(4_000_000_000 + at),
        "cart": {"L": [{"M": {"sku": _text(f"sku-{random.randint(0, 149):04d}")}} for _ in range(at % 4)]},
        "referrer": _text(""),
    }


def event(random: Random, at: int) -> Attributes:
    """A small event; there are very many."""
    return {
        "device": _text(f"device-{at % 400:03d}"),
        "at": _number(_START * 1000 + at * 37),
        "kind": _text(("view", "click", "scroll", "buy")[at % 4]),
        "page": _text(f"/p/{random.randint(0, 149)}"),
        "ms": _number(random.randint(1, 4_000)),
    }


def invoice(random: Random, at: int) -> Attributes:
    """Numbers of 38 digits, very large and very small ones."""
    digits = "".join(str(random.randint(1, 9)) for _ in range(38))
    return {
        "year": _number(2020 + at % 5),
        "invoice": _number(100_000 + at),
        "exact": _number(digits),
        "rate": _number(f"0.{digits}"),
        "huge": _number(f"{digits[0]}.{digits[1:20]}E+{100 + at % 25}"),
        "tiny": _number(f"-{digits[0]}.{digits[1:20]}E-{100 + at % 25}"),
        "total": _number(f"{random.uniform(-500, 5_000):.2f}"),
        "zero": _number("0"),
    }


def audit(random: Random, at: int) -> Attributes:
    """Binary keys and bodies."""
    actor = base64.b64encode(bytes([at % 8, 0, 255])).decode()
    return {"actor": {"B": actor}, "entry": _binary(random, 12), "body": _binary(random, 200)}


def robot(random: Random, at: int) -> Attributes:
    """Something that has nothing to do with the shop."""
    return {"robot": _text(f"r-{at:03d}"), "battery": _number(random.randint(0, 100))}
