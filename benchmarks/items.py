"""Items as an online shop has them, the same every time, about 400 bytes each."""

from __future__ import annotations

import base64
import random
from typing import Any

ITEMS = 20_000


def make_items(count: int = ITEMS) -> list[dict[str, Any]]:
    """Return items in the wire form."""
    chance = random.Random(20)
    return [_item(number, chance) for number in range(count)]


def _item(number: int, chance: random.Random) -> dict[str, Any]:
    lines = [
        {"M": {"sku": {"S": f"sku-{chance.randrange(9999):04d}"}, "count": {"N": str(chance.randrange(1, 9))}}}
        for _ in range(3)
    ]
    return {
        "customer": {"S": f"customer-{number // 7:06d}"},
        "order": {"S": f"order-{number:08d}"},
        "total": {"N": f"{chance.randrange(100, 99999) / 100:.2f}"},
        "paid": {"BOOL": chance.random() < 0.9},
        "tags": {"SS": sorted({f"tag-{chance.randrange(30)}" for _ in range(4)})},
        "address": {"M": {"city": {"S": "Zürich"}, "street": {"S": f"Long street {chance.randrange(400)}"}}},
        "lines": {"L": lines},
        "signature": {"B": base64.b64encode(chance.randbytes(48)).decode()},
    }
