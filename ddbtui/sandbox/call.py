"""One request, taken apart: who calls what, where, with which parameters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ddbtui.sandbox.backup.routes import read_backup
from ddbtui.sandbox.ram.routes import read_ram
from ddbtui.sandbox.s3 import operations

_SCOPE = re.compile(r"Credential=([^/,]+)/[0-9]{8}/([^/,]+)/([^/,]+)/aws4_request")


@dataclass
class Call:
    """A request to one of the simulated services.

    Args:
        environ: the WSGI environment; its input was read into `body`.
        service: signing name, e.g. `dynamodb`; the streams API is `dynamodbstreams`.
        operation: as the API reference spells it.
        params: the JSON body, or the form; for S3 `Bucket` and `Key`.
    """

    environ: dict[str, Any]
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    access_key: str = ""
    region: str = "us-east-1"
    service: str = ""
    operation: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def token(self) -> str | None:
        """Session token of temporary credentials."""
        return self.headers.get("x-amz-security-token")

    @property
    def bucket(self) -> str:
        """The bucket of an S3 request."""
        return str(self.params.get("Bucket", ""))

    @property
    def key(self) -> str:
        """The object key of an S3 request."""
        return str(self.params.get("Key", ""))


def read_call(environ: dict[str, Any], body: bytes) -> Call:
    """Take a request apart."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
    call = Call(environ, environ["REQUEST_METHOD"], path, query, headers, body)
    scope = _SCOPE.search(headers.get("authorization", "")) or _SCOPE.search(
        "Credential=" + query.get("X-Amz-Credential", "")
    )
    if scope:
        call.access_key, call.region, call.service = scope.groups()
    _read_operation(call)
    return call


def _read_operation(call: Call) -> None:
    target = call.headers.get("x-amz-target", "")
    if target:
        prefix, _, call.operation = target.rpartition(".")
        call.params = json.loads(call.body or b"{}")
        if prefix.startswith("DynamoDBStreams"):
            call.service = "dynamodbstreams"
    elif call.service in ("sts", "iam") or call.environ.get("CONTENT_TYPE", "").startswith(
        "application/x-www-form-urlencoded"
    ):
        call.params = dict(parse_qsl(call.body.decode(), keep_blank_values=True)) or dict(call.query)
        call.operation = str(call.params.get("Action", ""))
    elif call.service == "backup":
        query = call.environ.get("QUERY_STRING", "")
        call.operation, call.params = read_backup(call.method, call.path, query, call.body)
    elif call.service == "ram":
        call.operation, call.params = read_ram(call.path, call.environ.get("QUERY_STRING", ""), call.body)
    elif call.service == "lakeformation":
        call.operation, call.params = call.path.strip("/"), json.loads(call.body or b"{}")
    elif "/operation/" in call.path:
        call.operation = call.path.rsplit("/", 1)[1]
    else:
        call.service = call.service or "s3"
        bucket, key = operations.split_path(call.path)
        call.params = {"Bucket": bucket, "Key": key}
        call.operation = operations.operation_of(call.method, bucket, key, call.query, call.headers)
