"""An order-free digest of many items that tells where two tables differ.

Each item falls into a bucket by a keyed hash of its key, never by scan segment, since nothing promises that two tables
split alike. A bucket holds a count and the sum of keyed item hashes mod 2^128: a sum, for XOR would cancel pairs. Sums
merge in any order, so files and segments are digested side by side. The hashes are keyed with a secret of the run, so
that nobody can craft items that collide; a given wrong bucket looks right with a chance of 2^-128.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from ddbtui.dataplane.canonical import Item, item_bytes, key_bytes
from ddbtui.engine.step import Json

_MASK = (1 << 128) - 1
_MOST_BITS = 12


def bits_for(items: int) -> int:
    """Return how many bits name a bucket, for about so many items.

    Few buckets keep the digest small enough for the journal (at most 4,096, about 130 KB); many keep small what has to
    be listed when one of them differs.
    """
    return max(4, min(_MOST_BITS, items.bit_length() - 8))


class Hasher:
    """The keyed hashes of one comparison.

    Args:
        secret: 16 to 64 bytes, the same for both sides.
        key_names: the key attributes, partition key first.
        bits: how many bits name a bucket.
    """

    def __init__(self, secret: bytes, key_names: Sequence[str], bits: int) -> None:
        self.key_names = tuple(key_names)
        self.bits = bits
        self._key_hash = blake2b(digest_size=16, key=secret, person=b"ddbtui-key")
        self._item_hash = blake2b(digest_size=16, key=secret, person=b"ddbtui-item")
        self._shift = 128 - bits

    def key(self, item: Item) -> int:
        """Return the hash of an item's key."""
        hashed = self._key_hash.copy()
        hashed.update(key_bytes(item, self.key_names))
        return int.from_bytes(hashed.digest(), "big")

    def item(self, item: Item) -> int:
        """Return the hash of a whole item."""
        hashed = self._item_hash.copy()
        hashed.update(item_bytes(item))
        return int.from_bytes(hashed.digest(), "big")

    def bucket(self, key_hash: int) -> int:
        """Return the bucket of a key, by the hash of the key."""
        return key_hash >> self._shift


class Digest:
    """Counts and sums by bucket. Not for several threads at once: give each its own and merge."""

    def __init__(self, hasher: Hasher) -> None:
        self.hasher = hasher
        self._counts: dict[int, int] = {}
        self._sums: dict[int, int] = {}

    def fresh(self) -> Digest:
        """Return an empty digest of the same hasher, for a part of the items."""
        return Digest(self.hasher)

    @property
    def count(self) -> int:
        """How many items went in."""
        return sum(self._counts.values())

    def add(self, item: Item) -> None:
        """Take an item in.

        Raises:
            NotCanonical: it is no item.
        """
        bucket = self.hasher.bucket(self.hasher.key(item))
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self._sums[bucket] = (self._sums.get(bucket, 0) + self.hasher.item(item)) & _MASK

    def merge(self, other: Digest) -> None:
        """Take in all that another digest of the same hasher took in."""
        for bucket, count in other._counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count
            self._sums[bucket] = (self._sums.get(bucket, 0) + other._sums[bucket]) & _MASK

    def differing(self, other: Digest) -> list[int]:
        """Return the buckets that are not equal, in order."""
        buckets = self._counts.keys() | other._counts.keys()
        return sorted(
            bucket
            for bucket in buckets
            if (self._counts.get(bucket), self._sums.get(bucket))
            != (other._counts.get(bucket), other._sums.get(bucket))
        )

    def size(self, buckets: Iterable[int]) -> int:
        """Return how many items the buckets hold."""
        return sum(self._counts.get(bucket, 0) for bucket in buckets)

    def fingerprint(self) -> str:
        """Return one hash over all buckets, in hex."""
        hashed = blake2b(digest_size=16)
        for bucket in sorted(self._counts):
            hashed.update(self._row(bucket))
        return hashed.hexdigest()

    def to_json(self) -> Json:
        """Return what `from_json` needs, without the secret."""
        rows = b"".join(self._row(bucket) for bucket in sorted(self._counts))
        return {"bits": self.hasher.bits, "rows": base64.b64encode(rows).decode()}

    @classmethod
    def from_json(cls, data: Json, secret: bytes, key_names: Sequence[str]) -> Digest:
        """Return the digest that `to_json` wrote down."""
        digest = cls(Hasher(secret, key_names, int(data["bits"])))
        rows = base64.b64decode(data["rows"])
        for start in range(0, len(rows), 24):
            bucket = int.from_bytes(rows[start : start + 2], "big")
            digest._counts[bucket] = int.from_bytes(rows[start + 2 : start + 8], "big")
            digest._sums[bucket] = int.from_bytes(rows[start + 8 : start + 24], "big")
        return digest

    def _row(self, bucket: int) -> bytes:
        count, total = self._counts[bucket], self._sums[bucket]
        return bucket.to_bytes(2, "big") + count.to_bytes(6, "big") + total.to_bytes(16, "big")
