"""The digest: no order, mergeable, and it tells where two sides differ."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ddbtui.dataplane.compare import Difference, DrillDown, chosen_buckets, differing_paths
from ddbtui.dataplane.digest import Digest, Hasher, bits_for

SECRET = b"0123456789abcdef"
Items = list[dict[str, Any]]


def item(number: int, text: str = "x") -> dict[str, Any]:
    return {"pk": {"N": str(number)}, "t": {"S": text}, "s": {"NS": ["1", "2", "30"]}}


def digest(items: Items, secret: bytes = SECRET, bits: int = 6) -> Digest:
    made = Digest(Hasher(secret, ["pk"], bits))
    for one in items:
        made.add(one)
    return made


@given(st.lists(st.tuples(st.integers(0, 500), st.text(max_size=3)), max_size=40), st.randoms(), st.integers(0, 40))
def test_order_and_splitting_do_not_count(pairs: list[tuple[int, str]], random: Any, cut: int) -> None:
    items = [item(number, text) for number, text in pairs]
    mixed = list(items)
    random.shuffle(mixed)
    parts = digest(mixed[:cut])
    parts.merge(digest(mixed[cut:]))
    whole = digest(items)
    assert whole.differing(parts) == []
    assert whole.fingerprint() == parts.fingerprint()
    assert whole.count == parts.count == len(items)


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=50))
def test_it_can_be_written_down(numbers: list[int]) -> None:
    made = digest([item(number) for number in numbers], bits=12)
    again = Digest.from_json(json.loads(json.dumps(made.to_json())), SECRET, ["pk"])
    assert again.differing(made) == []
    assert again.fingerprint() == made.fingerprint()


@given(st.integers(0, 199), st.text(max_size=3).filter(lambda text: text != "x"))
def test_one_changed_item_shows_in_its_bucket_only(number: int, text: str) -> None:
    items = [item(n) for n in range(200)]
    changed = [item(n, text) if n == number else item(n) for n in range(200)]
    hasher = Hasher(SECRET, ["pk"], 6)
    assert digest(items).differing(digest(changed)) == [hasher.bucket(hasher.key(item(number)))]


def test_a_pair_of_equal_extras_does_not_cancel() -> None:
    assert digest([item(1)]).differing(digest([item(1), item(2), item(2)]))


def test_another_secret_gives_other_sums() -> None:
    assert digest([item(1)]).fingerprint() != digest([item(1)], b"another secret 16").fingerprint()


def test_bits_follow_the_number_of_items() -> None:
    assert [bits_for(n) for n in (0, 1000, 20_000, 2_000_000, 10**9)] == [4, 4, 7, 12, 12]
    assert len(json.dumps(digest([item(n) for n in range(20_000)], bits=7).to_json())) < 5000


def paged(items: Items) -> Any:
    class Scan:
        def run(self, consume: Any, should_stop: Any) -> bool:
            for start in range(0, len(items), 7):
                consume(0, items[start : start + 7])
            return True

    return Scan()


def drilled(source: Items, target: Items) -> Any:
    before, after = digest(source), digest(target)
    down = DrillDown(before.hasher, chosen_buckets(before, after))
    assert down.read_target(paged(target), lambda: False)
    held = {one["pk"]["N"]: one for one in target}
    return down.compare(source, lambda key: held.get(key["pk"]["N"]))


def test_planted_faults_are_named_by_key() -> None:
    source = [item(n) for n in range(3000)]
    target = [item(n) for n in range(3000) if n != 17]
    target[40] = {**target[40], "t": {"S": "y"}}
    target.append(item(9999))
    found = drilled(source, target)
    assert {str(one) for one in found.differences} == {"missing pk=17", "changed pk=41 in t", "extra pk=9999"}
    assert (found.settled, found.more) == (0, False)


def test_other_spellings_raise_no_alarm() -> None:
    source = [item(n) for n in range(50)]
    target = [{"s": {"NS": ["30.0", "2", "1e0"]}, "t": {"S": "x"}, "pk": {"N": f"{n}.0"}} for n in range(50)]
    assert digest(source).differing(digest(target)) == []


def test_at_most_twenty_are_reported_and_it_says_that_there_are_more() -> None:
    found = drilled([item(n) for n in range(100)], [])
    assert len(found.differences) == 20
    assert found.more


def test_a_suspect_that_is_equal_now_is_settled() -> None:
    source, late = [item(1), item(2)], [item(1)]
    before = digest(source)
    down = DrillDown(before.hasher, chosen_buckets(before, digest(late)))
    down.read_target(paged(late), lambda: False)
    found = down.compare(source, lambda key: item(int(key["pk"]["N"])))
    assert (found.differences, found.settled) == ([], 1)


def test_paths_lead_to_what_differs() -> None:
    one = {"a": {"M": {"l": {"L": [{"S": "x"}, {"N": "1"}]}, "n": {"N": "1"}}}, "b": {"S": "x"}}
    other = {"a": {"M": {"l": {"L": [{"S": "x"}, {"N": "2"}]}, "n": {"N": "1.0"}}}, "c": {"S": "x"}}
    assert list(differing_paths(one, other)) == ["a.l[1]", "b", "c"]


def test_a_key_can_not_forge_the_report() -> None:
    assert "\x1b" not in str(Difference("missing", {"pk": {"S": "\x1b[2J\n"}}))
