"""A shop's tables as real life has them, ten in the source and two in the target. The data is the same every time."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from ddbtui.sandbox.dynamodb.items import Attributes, insert
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.iam.linked_roles import CONTRIBUTOR_INSIGHTS, make_linked_role
from ddbtui.sandbox.profiles import REGION, SOURCE, TARGET
from ddbtui.sandbox.seeds import items as seed_items
from ddbtui.sandbox.seeds import scaling
from ddbtui.sandbox.seeds.tables import Wanted, customer_key, keys, make_table, seeded, set_ttl

Make = Callable[[Random, int], Attributes]
EVENTS = 20_000


def seed() -> None:
    """Make the tables of both accounts."""
    _customers()
    _orders()
    _products()
    _stock()
    _rest()
    _target()


def _fill(wanted: Wanted, count: int, make: Make) -> None:
    table = make_table(wanted)
    random = seeded()
    for number in range(count):
        insert(table, make(random, number))


def _customers() -> None:
    wanted = Wanted(
        SOURCE,
        "shop-customers",
        "customer_id:S",
        indexes={"by-email": keys("email:S"), "by-country": keys("country:S joined:N")},
        extra="email:S country:S joined:N",
        include={"by-email": ("name",)},
        tags={"team": "shop", "environment": "production", "data-class": "personal"},
        stream="NEW_AND_OLD_IMAGES",
        pitr_hours=72,
    )
    _fill(wanted, 400, seed_items.customer)


def _orders() -> None:
    wanted = Wanted(
        SOURCE,
        "shop-orders",
        "customer_id:S order_id:S",
        indexes={"by-status": keys("status:S created:N"), "by-day": keys("day:S")},
        extra="status:S created:N day:S",
        include={"by-day": ()},
        tags={"team": "shop", "environment": "production"},
        stream="NEW_IMAGE",
        protected=True,
        pitr_hours=240,
    )
    table = make_table(wanted)
    random = seeded()
    for number in range(900):
        insert(table, seed_items.order(random, number))
    state = state_of(table)
    read = {
        "Sid": "ReportsRead",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:user/source-admin"},
        "Action": ["dynamodb:GetItem", "dynamodb:Query"],
        "Resource": f"arn:aws:dynamodb:{REGION}:{SOURCE}:table/shop-orders",
    }
    state.policy = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    state.policy_revision = "1700000000000"
    make_linked_role(SOURCE, CONTRIBUTOR_INSIGHTS)
    state.insights = {"": "ACCESSED_AND_THROTTLED_KEYS", "by-status": "THROTTLED_KEYS"}
    lines = Wanted(
        SOURCE,
        "shop-order-lines",
        "order_id:S line:N",
        local={"by-sku": keys("order_id:S sku:S")},
        extra="sku:S",
        tags={"team": "shop"},
    )
    _fill(lines, 1_200, seed_items.order_line)


def _products() -> None:
    wanted = Wanted(
        SOURCE,
        "shop-products",
        "sku:S",
        table_class="STANDARD_INFREQUENT_ACCESS",
        tags={"team": "catalogue"},
    )
    _fill(wanted, 150, seed_items.product)


def _stock() -> None:
    wanted = Wanted(
        SOURCE,
        "shop-stock",
        "warehouse:S sku:S",
        indexes={"by-sku": keys("sku:S")},
        units=(100, 100),
        tags={"team": "logistics"},
        pitr_hours=24,
    )
    _fill(wanted, 300, seed_items.stock)
    scaling.scale(SOURCE, "shop-stock", "by-sku")


def _rest() -> None:
    table = make_table(Wanted(SOURCE, "shop-sessions", "session:S", tags={"team": "web"}))
    set_ttl(table, "expires")
    random = seeded()
    for number in range(500):
        insert(table, seed_items.session(random, number))
    _fill(Wanted(SOURCE, "shop-events", "device:S at:N", tags={"team": "analytics"}), EVENTS, seed_items.event)
    encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": customer_key(SOURCE, "Invoices")}
    invoices = Wanted(SOURCE, "shop-invoices", "year:N invoice:N", encryption=encryption, pitr_hours=24 * 40)
    _fill(invoices, 250, seed_items.invoice)
    audit = Wanted(SOURCE, "shop-audit", "actor:B entry:B", encryption={"Enabled": True, "SSEType": "KMS"})
    _fill(audit, 80, seed_items.audit)
    make_table(Wanted(SOURCE, "shop-vouchers", "code:S"))


def _target() -> None:
    _fill(Wanted(TARGET, "warehouse-robots", "robot:S", tags={"team": "logistics"}), 25, seed_items.robot)
    _fill(Wanted(TARGET, "shop-sessions", "session:S"), 3, seed_items.session)
