"""Edits of policy documents that someone else may own. Pure: text in, text out.

Only statements of our own are ever added or removed. They are spliced into the text, so that every other statement, its
order and its very bytes stay. What isn't understood is refused rather than rewritten.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import unified_diff
from typing import Any, Final

from ddbtui.aws.policy_document import VERSION, Document, Part, PolicyRefused, parse
from ddbtui.text import shown, size

__all__ = [
    "BUCKET_POLICY_BYTES",
    "KEY_POLICY_BYTES",
    "TABLE_POLICY_BYTES",
    "Document",
    "PolicyRefused",
    "add_statement",
    "diff",
    "has_statement",
    "parse",
    "remove_statement",
]

Statement = Mapping[str, Any]

BUCKET_POLICY_BYTES: Final = 20 * 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html"""
KEY_POLICY_BYTES: Final = 32 * 1024
"""https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""
TABLE_POLICY_BYTES: Final = 20 * 1024
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html"""

_OWN_SID = re.compile(r"Ddbtui[A-Za-z0-9]+", re.ASCII)
_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource"})


def add_statement(text: str | None, statement: Statement, *, limit_bytes: int | None = None) -> str:
    """Return the policy with our statement in it; unchanged if it is there already.

    Args:
        text: the policy as it is; None if there is none.
        statement: with a `Sid` of `Ddbtui` and letters or digits.
        limit_bytes: the most that the service takes.

    Raises:
        PolicyRefused: the policy isn't understood, has another statement of that Sid, or would be too large.
    """
    own = _own(statement)
    if text is None:
        return _within(json.dumps({"Version": VERSION, "Statement": [own]}, separators=(",", ":")), limit_bytes)
    document = parse(text)
    namesakes = [part for part in document.parts if part.value.get("Sid") == own["Sid"]]
    if namesakes:
        if all(_same(part.value, own) for part in namesakes):
            return text
        raise PolicyRefused(f"it has another statement called '{own['Sid']}'")
    if document.version != VERSION and "${" in json.dumps(own):
        raise PolicyRefused("its Version is 2008-10-17, which takes the variables of our statement literally")
    return _within(_spliced(document, json.dumps(own, separators=(",", ":"))), limit_bytes)


def remove_statement(text: str | None, statement: Statement) -> str | None:
    """Return the policy without our statement; None if nothing is left of it, unchanged if it wasn't there.

    Raises:
        PolicyRefused: the policy isn't understood, or the statement of that Sid is no longer the one we added.
    """
    own = _own(statement)
    if text is None:
        return None
    document = parse(text)
    namesakes = [part for part in document.parts if part.value.get("Sid") == own["Sid"]]
    if any(not _same(part.value, own) for part in namesakes):
        raise PolicyRefused(f"its statement '{own['Sid']}' was changed since ddbtui added it")
    if not namesakes:
        return text
    if len(namesakes) == len(document.parts):
        return None
    for part in reversed(namesakes):
        document = parse(_without(document, part))
    return document.text


def has_statement(text: str | None, statement: Statement) -> bool:
    """Whether the policy has this statement, whatever the order of its lists. Raises PolicyRefused if unreadable."""
    return text is not None and any(_same(value, statement) for value in parse(text).statements)


def diff(before: str | None, after: str | None) -> str:
    """Return a unified diff of two policies as indented JSON, safe to show; empty if they say the same."""
    lines = unified_diff(_indented(before), _indented(after), "before", "after", lineterm="")
    return "\n".join(shown(line, 20_000) for line in lines)


def _indented(text: str | None) -> list[str]:
    if text is None:
        return []
    try:
        return json.dumps(json.loads(text), indent=2).splitlines()
    except (ValueError, RecursionError):
        return text.splitlines()


def _own(statement: Statement) -> dict[str, Any]:
    if not _OWN_SID.fullmatch(str(statement.get("Sid", ""))):
        raise ValueError("a statement of ours needs a Sid of 'Ddbtui' with letters or digits")
    return dict(statement)


def _within(text: str, limit_bytes: int | None) -> str:
    length = len(text.encode("utf-8", "surrogatepass"))
    if limit_bytes is not None and length > limit_bytes:
        raise PolicyRefused(f"it would grow to {size(length)}, more than the {size(limit_bytes)} that AWS takes")
    return text


def _spliced(document: Document, own: str) -> str:
    text, parts = document.text, document.parts
    if not document.is_list:
        (part,) = parts
        return f"{text[: part.start]}[{document.source(part)},{own}]{text[part.end :]}"
    if not parts:
        return text[: document.inside] + own + text[document.inside :]
    space = text[document.inside : parts[0].start]
    return f"{text[: parts[-1].end]},{space}{own}{text[parts[-1].end :]}"


def _without(document: Document, part: Part) -> str:
    index = document.parts.index(part)
    if index:
        return document.text[: document.parts[index - 1].end] + document.text[part.end :]
    return document.text[: part.start] + document.text[document.parts[1].start :]


def _same(one: Statement, other: Statement) -> bool:
    """Equal for IAM: AWS gives back `["x"]` as `"x"` and may sort lists."""
    return _canonical(one) == _canonical(other)


def _canonical(statement: Statement) -> str:
    parts: dict[str, Any] = {}
    for name, value in statement.items():
        if name in _SETS:
            parts[name] = _as_set(value)
        elif name in ("Principal", "NotPrincipal") and isinstance(value, dict):
            parts[name] = {kind: _as_set(of) for kind, of in value.items()}
        elif name == "Condition" and isinstance(value, dict):
            parts[name] = {
                operator: {key: _as_set(of) for key, of in tests.items()} if isinstance(tests, dict) else tests
                for operator, tests in value.items()
            }
        else:
            parts[name] = value
    return json.dumps(parts, sort_keys=True)


def _as_set(value: Any) -> list[str]:
    return sorted({json.dumps(member, sort_keys=True) for member in (value if isinstance(value, list) else [value])})
