"""A shop's tables, as real life has them."""

from __future__ import annotations

from ddbtui.sandbox import seed_small


def seed() -> None:
    """Make the tables of both accounts."""
    seed_small.seed()
