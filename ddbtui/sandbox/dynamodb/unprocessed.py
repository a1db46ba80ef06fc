"""A BatchWriteItem of which AWS processes only a part, as with a table that is short of write units.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""

from __future__ import annotations

import json
from typing import Any

from ddbtui.sandbox.answers import Answer
from ddbtui.sandbox.call import Call

Held = dict[str, list[Any]]


def hold_back(call: Call) -> Held:
    """Take every other write out of the call, and return what was taken out; a single write stays in."""
    requests: Held = call.params["RequestItems"]
    held = {name: each[1::2] for name, each in requests.items()}
    call.params["RequestItems"] = {name: each[::2] for name, each in requests.items()}
    return {name: each for name, each in held.items() if each}


def with_unprocessed(answer: Answer, held: Held) -> Answer:
    """Return the answer with these writes as unprocessed, as they came."""
    if answer.status >= 300:
        return answer
    body = json.dumps({**json.loads(answer.body), "UnprocessedItems": held}).encode()
    return Answer(answer.status, body, answer.headers)
