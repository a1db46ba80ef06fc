"""What a change writes, as a difference: + and - stand before the lines, colour only helps."""

from __future__ import annotations

from difflib import unified_diff

from textual.content import Content

from ddbtui.text import shown


def difference(before: str, after: str) -> Content:
    """Return the lines that go and come; a text that replaces nothing is shown as it is."""
    if not before and "\n" not in after:
        return Content(f"  {shown(after, 2000)}")
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return Content("\n").join([_line(line) for line in lines[1:]])


def _line(line: str) -> Content:
    text = "  …" if line.startswith("@@") else f"  {shown(line, 1000)}"
    if line.startswith("+"):
        return Content.assemble((text, "$text-success"))
    if line.startswith("-"):
        return Content.assemble((text, "$text-error"))
    return Content.assemble((text, "$text-muted"))
