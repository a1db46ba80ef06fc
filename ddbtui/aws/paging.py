"""Lists that boto3 has no paginator for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def pages(call: Callable[..., dict[str, Any]], field: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """Yield what a list holds, page after page.

    Args:
        call: the client's method, e.g. `client.list_exports`; takes and returns `NextToken`.
        field: where its answer has the entries.
        parameters: of every call.
    """
    while True:
        page = call(**parameters)
        yield from page.get(field, ())
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]
