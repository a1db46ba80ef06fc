"""The bridge to moto: one request in, one answer out, in the name of a chosen account."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call

_APP = DomainDispatcherApplication(create_backend_app)
_DROPPED = frozenset({"content-length", "connection", "transfer-encoding", "server", "date"})


def forward(call: Call, account: str) -> Answer:
    """Let moto answer the call as if it came from the account."""
    environ = dict(call.environ)
    environ["wsgi.input"] = io.BytesIO(call.body)
    environ["CONTENT_LENGTH"] = str(len(call.body))
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    try:
        chunks, status, headers = run_wsgi_app(_APP, environ, buffered=True)
    except NotImplementedError as error:
        raise _unknown(call) from error
    body = b"".join(chunks)
    number = int(status.split()[0])
    if number >= 400 and headers.get("content-type", "").startswith("text/html") and call.method != "HEAD":
        raise _unknown(call)
    kept = {name: value for name, value in headers.items() if name.lower() not in _DROPPED}
    if call.method == "HEAD" and "content-length" in headers:
        kept["Content-Length"] = headers["content-length"]
    return Answer(number, body, kept)


def _unknown(call: Call) -> AwsError:
    return AwsError("UnknownOperationException", f"The sandbox does not know {call.service}:{call.operation}")


def forward_json(call: Call, account: str, params: dict[str, Any]) -> Answer:
    """The same with another JSON body."""
    body = json.dumps(params).encode()
    return forward(replace(call, body=body), account)
