"""What is no YAML, in our words: the parser tells what it wanted next, which helps only those who wrote it."""

from __future__ import annotations

import re
from typing import Any

from ddbtui.text import shown

_TAB = re.compile(r" *\t[ \t]*")
_OPENED = "while parsing a flow"
_RESERVED = frozenset("@`%")
_FIELD = "no field starts here; is the line indented like its neighbours, or is a bracket too many?"
_INDENTED = {
    "mapping values are not allowed": "no colon can stand here; is the line indented like its neighbours, or is it "
    "text that needs quotes?",
    "did not find expected key": _FIELD,
    "expected <block end>": _FIELD,
}


def explained(error: Any, text: str) -> tuple[Any, str]:
    """Return the mark to point to, and a sentence.

    Args:
        error: a `yaml.MarkedYAMLError`.
        text: the whole document.
    """
    mark, said = error.problem_mark or error.context_mark, str(error.problem or error.context or "")
    line = _line(text, mark)
    if _TAB.match(line):
        return mark, "a tab stands before the text; indent lines with spaces"
    if said.startswith("could not find expected ':'"):
        return error.context_mark or mark, "a field is a name, a colon and a space, e.g. proof: digest"
    if said.startswith("found character") and _at(line, mark) in _RESERVED:
        return mark, f"no value starts with {_at(line, mark)}; put it in quotes"
    words = next((words for start, words in _INDENTED.items() if said.startswith(start)), "")
    if not words and str(error.context or "").startswith(_OPENED) and error.context_mark:
        what = f"a comma, a quote or the closing bracket of what was opened in line {error.context_mark.line + 1}"
        words = f"{what} is missing before this"
    return mark, words or shown(said or "the structure can't be understood", 120)


def _line(text: str, mark: Any) -> str:
    lines = text.splitlines()
    return lines[mark.line] if mark is not None and mark.line < len(lines) else ""


def _at(line: str, mark: Any) -> str:
    return line[mark.column : mark.column + 1]
