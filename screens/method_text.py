"""A method in lines for people: verdict, reasons, what it keeps, cost and time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from ddbtui.aws.table import Table
from ddbtui.methods.base import Estimate, Method
from ddbtui.plan.model import TableChoice
from ddbtui.screens.background import Loader
from ddbtui.text import dollars, duration, plural, shown

KEPT_SIGNS = {"kept": "✓", "set": "✓", "re-applied": "✓", "partly": "!", "lost": "✗", "impossible": "✗"}


def verdict(method: Method, tables: Sequence[Table]) -> tuple[str, str]:
    """Return a row's tone and the verdict in a few words."""
    if not method.available:
        return "muted", "· not available yet"
    if not tables:
        return "muted", "· reading …"
    unfit = sum(not method.suits(table).suits for table in tables)
    return ("bad", f"✗ not for {unfit} of {len(tables)}") if unfit else ("good", f"✓ suits all {len(tables)}")


def what_is_read(chosen: Sequence[str], inventory: Loader[str, Table], method: str) -> str:
    """Say how many of the chosen tables are read, and what is left to do."""
    read = sum(name in inventory.found for name in chosen)
    errors = [name for name in chosen if name in inventory.errors]
    line = f"{read} of {plural(len(chosen), 'table')} read"
    if errors:
        return shown(f"{line} · {errors[0]}: {inventory.errors[errors[0]]}") + "  (f5 reads again)"
    if read < len(chosen):
        return f"▸ {line} …"
    return line if method else f"{line} · enter chooses a method"


def method_text(method: Method, tables: Sequence[Table], choices: Iterable[TableChoice]) -> Content:
    """Everything about a method, for the pane."""
    rows: list[Content] = [Content.assemble((method.title, "bold"))]
    if not method.available:
        rows.append(Content.assemble(("Not available yet.", "$text-warning")))
    rows += _reasons(method, tables, suits=False)
    rows.append(Content(method.summary))
    rows += _reasons(method, tables, suits=True)
    if method.available and tables:
        rows += [Content(""), *estimate_lines(method.estimate(tables, None))]
    if method.keeps:
        rows += [Content(""), Content.assemble(("What becomes of each setting", "bold"))]
        rows += [Content(f"{KEPT_SIGNS[kept]} {name}: {kept}") for name, kept in method.keeps.items()]
    rows += [Content(""), Content.assemble((method.url, "$text-muted"))]
    return Content("\n").join(rows)


def _reasons(method: Method, tables: Sequence[Table], *, suits: bool) -> list[Content]:
    """Why tables do not suit, or what to know of those that do; equal reasons are told once."""
    told: dict[str, list[str]] = {}
    for table in tables:
        verdict = method.suits(table)
        for reason in verdict.reasons if verdict.suits == suits else ():
            told.setdefault(reason, []).append(table.name)
    rows, sign = [], ("! ", "$text-warning") if suits else ("✗ ", "bold $text-error")
    for reason, names in told.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        rows.append(Content.assemble(sign, f"{shown(', '.join(names[:3]))}{more}: {shown(reason)}"))
    return rows


def estimate_lines(estimate: Estimate) -> list[Content]:
    """Cost and time."""
    least, most = estimate.seconds
    rows = [
        Content.assemble(("Estimate  ", "bold"), f"{dollars(estimate.dollars)}, {duration(least)} to {duration(most)}")
    ]
    width = max((len(dollars(line.dollars)) for line in estimate.lines), default=0)
    rows += [Content(f"  {dollars(line.dollars):>{width}}  {line.what} ({line.quantity})") for line in estimate.lines]
    return rows + [Content.assemble((f"  {note}", "$text-muted")) for note in estimate.notes]
