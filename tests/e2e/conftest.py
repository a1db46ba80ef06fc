"""Says at the end how many points the kill matrix has killed at."""

from __future__ import annotations

from collections import Counter
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    killed: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, count in report.user_properties:
            if name.startswith("killed "):
                killed[name.removeprefix("killed ")] += count
    for method, count in sorted(killed.items()):
        terminalreporter.write_line(f"kill matrix {method}: killed at {count} points, every run was resumed to its end")
