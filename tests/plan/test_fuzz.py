"""20,000 broken plans: each is refused or read, never a traceback, never slow."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import yaml

from ddbtui.plan import nodes
from ddbtui.plan.model import Plan
from ddbtui.plan.reader import PlanError, parse_plan
from ddbtui.plan.writer import dump_plan
from tests.plan.options import GOOD, METHODS
from tests.plan.timing import within

CASES = 20_000
CHUNKS = 4
SLOWEST_SECONDS = 0.1

PIECES = [
    *"[]{}:,-?!&*#|>'\"%@`\\\n\t \r",
    *(
        "\n  ",
        ": ",
        "- ",
        "? ",
        "--- ",
        "\n---\n",
        "\n...\n",
        "!!python/name:os.system ",
        "!<x> ",
        "&a ",
        "*a ",
        "<<: ",
    ),
    *("%YAML 1.1\n", "%TAG ! x\n", '"\\x00"', '"\\UFFFFFFFF"', '"\\ud800"', "|2-\n", ">+\n", "\x00", "\x1b", "\x85"),
    *("\u2028", "\u202e", "\ufeff", "\ud800", "é", "😀", "null", "~", "yes", "0x1f", "1e999", "9" * 40, "-1", ".inf"),
    *("version", "source", "target", "tables", "method", "type", "copy", "name", "password", "carry_over", "x" * 300),
    *("[" * 20, "]" * 20, "{a: " * 18, "}" * 18, "- " * 20, "[{" * 12),
]
FIELDS = [
    *Plan.model_fields,
    "type",
    "name",
    "target_name",
    "profile",
    "region",
    "account_id",
    "bucket",
    "workers",
    "x",
]


def mutated(rng: random.Random) -> str:
    """Valid text with a few cuts, copies, swaps and insertions."""
    text = GOOD
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice([0, 1, 1, 5, 40]))
        match rng.randrange(5):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:start] + rng.choice(PIECES) + text[end:]
            case 2:
                text = text[:start] + text[start:end] * rng.choice([2, 3, 50]) + text[end:]
            case 3:
                lines = text.split("\n")
                rng.shuffle(lines)
                text = "\n".join(lines)
            case _:
                text = text[:start] + chr(rng.choice([rng.randrange(0x80), rng.randrange(0x110000)])) + text[start:]
    return text


def value(rng: random.Random, depth: int) -> str:
    """A value in flow style, of any type and of depth up to twenty."""
    kind = rng.randrange(8) if depth < 20 else 7
    if kind < 2:
        return "[" + ", ".join(value(rng, depth + 1) for _ in range(rng.randrange(4))) + "]"
    if kind < 4:
        keys = (rng.choice(FIELDS) for _ in range(rng.randrange(4)))
        return "{" + ", ".join(f"{key}: {value(rng, depth + 1)}" for key in keys) + "}"
    if kind == 4:
        return '"' + rng.choice(["", "a b", "\\n", "\\x41", "111111111111", "copy"]) + '"'
    return rng.choice(
        ["all", "copy", "plain", "eu-west-1", "111111111111", "222222222222", "1", "off", "orders", "~", ""]
    )


def generated(rng: random.Random) -> str:
    """A mapping of the plan's own fields with values of any shape."""
    names = rng.sample(FIELDS, rng.randrange(1, len(FIELDS)))
    return "".join(f"{name}: {value(rng, 0)}\n" for name in names)


def garbage(rng: random.Random) -> str:
    """Pieces of YAML in any order."""
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 60)))


def judged(text: str) -> tuple[Plan | None, str]:
    """Return the plan, or what is said of it."""
    try:
        return parse_plan(text, "plan.yaml", METHODS), "plan.yaml"
    except PlanError as error:
        return None, error.message


def check(number: int) -> str:
    """Run one case and return what came of it."""
    rng = random.Random(number)
    text = rng.choice([mutated, mutated, generated, garbage])(rng)
    plan, message = judged(text)
    assert within(SLOWEST_SECONDS, lambda: judged(text)), f"case {number}"
    assert all(line.startswith("plan.yaml") and line.isprintable() for line in message.splitlines()), f"case {number}"
    if plan is None:
        return "refused"
    assert parse_plan(dump_plan(plan), "again.yaml", METHODS) == plan, f"case {number}"
    return "read"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_broken_plan_is_refused_in_time_and_without_a_traceback(chunk: int) -> None:
    parse_plan(GOOD, "plan.yaml", METHODS)  # imports and compiled models are not what is measured
    outcomes = Counter(check(number) for number in range(chunk, CASES, CHUNKS))
    assert outcomes.total() == CASES // CHUNKS
    assert outcomes["read"] > 100, "some must get through, or nothing but the syntax was tried"
    assert outcomes["refused"] > 1000


def test_the_same_holds_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML comes without its C part, the slower scanner in Python reads the plan."""
    parse_plan(GOOD, "plan.yaml", METHODS)
    numbers = range(CASES, CASES + 1500)
    with_libyaml = [check(number) for number in numbers]
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    without = [check(number) for number in numbers]
    different = [number for number, one, other in zip(numbers, with_libyaml, without, strict=True) if one != other]
    assert len(different) <= 15, "the two scanners differ in a few odd places only"
