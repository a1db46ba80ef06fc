"""A plan to YAML, and to a digest. What is read back is equal to what was written."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from ddbtui.errors import Exit, UserError
from ddbtui.plan.model import Plan
from ddbtui.plan.schema import SCHEMA_URL
from ddbtui.text import shown

_WIDTH = 100
_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_RETYPED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that YAML 1.1 readers take for something else."""
_OF_WORDS = frozenset({"carry_over", "acknowledge"})
_ALWAYS = frozenset({"version", "type"})


def dump_plan(plan: Plan) -> str:
    """Return the plan as YAML: fields at their defaults left out, ids and names in quotes."""
    lines = [f"# yaml-language-server: $schema={SCHEMA_URL}"]
    for name, value in _fields(plan):
        lines.extend(_entry(plan, name, value, ""))
    return "\n".join(lines) + "\n"


def plan_digest(plan: Plan) -> str:
    """Return 64 hex digits that differ for every two plans that differ in any field."""
    data = plan.model_dump(mode="json")
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def save_plan(plan: Plan, path: str | os.PathLike[str]) -> None:
    """Write the plan to a file, whole or not at all.

    Args:
        plan: what to write.
        path: the file; an existing one is replaced and keeps its permissions, a symbolic link is followed.

    Raises:
        UserError: it can't be written there; what was there before is untouched.
    """
    try:
        target = Path(os.path.realpath(path, strict=False))
        before = _permissions(target, path)
        _replace(target, dump_plan(plan).encode(), before)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not the name of a file"
        raise UserError(
            f"{_named(path)}: the plan can't be saved: {reason}", "Choose another file.", Exit.USAGE
        ) from error


def _named(path: str | os.PathLike[str]) -> str:
    return shown(os.fspath(path), 200)


def _permissions(target: Path, path: str | os.PathLike[str]) -> int | None:
    """The permission bits of the file that is there, or None; anything but a file is refused."""
    try:
        found = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not S_ISREG(found):
        kind = "a directory" if target.is_dir() else "not a regular file"
        raise UserError(f"{_named(path)}: is {kind}, a plan can't be saved there", "Choose another file.", Exit.USAGE)
    return found & 0o777


def _replace(target: Path, content: bytes, permissions: int | None) -> None:
    temporary = target.with_name(f".ddbtui-{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if permissions is not None:
                temporary.chmod(permissions)
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    """Make the new name durable; not every system lets a directory be opened."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _fields(model: BaseModel) -> Iterator[tuple[str, Any]]:
    """The fields that must be written, in the order of their declaration."""
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if name in _ALWAYS or info.is_required() or value != info.get_default(call_default_factory=True):
            yield name, value


def _entry(model: BaseModel, name: str, value: Any, indent: str) -> list[str]:
    """The lines of one field: in one line where it fits, else one line a member."""
    flow = f"{indent}{name}: {_flow(model, name, value)}"
    members = isinstance(value, tuple) and any(isinstance(member, BaseModel) for member in value)
    if not members and (len(flow) <= _WIDTH or not isinstance(value, BaseModel)):
        return [flow]
    lines = [f"{indent}{name}:"]
    if isinstance(value, BaseModel):
        for inner, inner_value in _fields(value):
            lines.extend(_entry(value, inner, inner_value, indent + "  "))
        return lines
    for member in value:
        block = [line for inner, inner_value in _fields(member) for line in _entry(member, inner, inner_value, "")]
        lines.extend(f"{indent}  {'- ' if number == 0 else '  '}{line}" for number, line in enumerate(block))
    return lines


def _flow(model: BaseModel, name: str, value: Any) -> str:
    if isinstance(value, BaseModel):
        return "{" + ", ".join(f"{inner}: {_flow(value, inner, of)}" for inner, of in _fields(value)) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_flow(model, name, member) for member in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)}: {_flow(model, name, of)}" for key, of in value.items()) + "}"
    if isinstance(value, str):
        return value if _is_word(model, name, value) else _quoted(value)
    if isinstance(value, float):
        return re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))  # without a point, YAML 1.1 readers take it for text
    return json.dumps(value)


def _quoted(value: str) -> str:
    """JSON's strings are YAML's double-quoted ones, as long as nothing in them is invisible."""
    return json.dumps(value, ensure_ascii=False)


def _is_word(model: BaseModel, name: str, value: str) -> bool:
    """Whether a string is one of ddbtui's own words, which need no quotes."""
    if value in _RETYPED or not _WORD.fullmatch(value):
        return False
    return name in _OF_WORDS or value in _choices(type(model).model_fields[name].annotation)


def _choices(annotation: Any) -> set[Any]:
    """The exact values that an annotation names."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {value for part in get_args(annotation) for value in _choices(part)}
