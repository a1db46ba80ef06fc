"""What the sandbox answers: bodies and errors in the wire format of each service."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

QUERY_SERVICES = frozenset({"sts", "iam"})


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class AwsError(Exception):
    """An error as AWS would send it.

    Args:
        code: AWS's error code.
        message: AWS's message.
        status: HTTP status; JSON services use 400 nearly always.
        extra: more members of the error's shape.
    """

    def __init__(self, code: str, message: str, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra


def json_answer(data: Any, status: int = 200) -> Answer:
    """A JSON body; times must be epoch seconds already."""
    return Answer(status, json.dumps(data).encode(), {"Content-Type": "application/x-amz-json-1.0", **_request_id()})


def xml_answer(text: str, status: int = 200) -> Answer:
    """An XML body."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    return Answer(status, body, {"Content-Type": "application/xml", **_request_id()})


def denial_of(service: str) -> tuple[str, int]:
    """Code and HTTP status by which a service, named as in IAM's actions, refuses what a caller may not."""
    if service == "ec2":
        return "UnauthorizedOperation", 403
    return ("AccessDenied", 403) if service in ("s3", "sts", "iam") else ("AccessDeniedException", 400)


def error_answer(error: AwsError, service: str, *, head: bool = False) -> Answer:
    """Render an error in the service's own format. HEAD answers have no body, so that boto3 sees the status as code."""
    if head:
        return Answer(error.status, b"", _request_id())
    code, message = escape(error.code), escape(error.message)
    if service == "s3":
        return xml_answer(f"<Error><Code>{code}</Code><Message>{message}</Message></Error>", error.status)
    if service in QUERY_SERVICES:
        kind = "Sender" if error.status < 500 else "Receiver"
        inner = f"<Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        return xml_answer(f"<ErrorResponse>{inner}<RequestId>{uuid4()}</RequestId></ErrorResponse>", error.status)
    if service == "ec2":
        inner = f"<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        return xml_answer(f"<Response>{inner}<RequestID>{uuid4()}</RequestID></Response>", error.status)
    if service == "monitoring":
        body = b"\xa2" + b"".join(_cbor_text(part) for part in ("__type", error.code, "message", error.message))
        headers = {"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
        return Answer(error.status, body, {**headers, **_request_id()})
    space = "com.amazonaws.dynamodb.v20120810#" if service.startswith("dynamodb") else ""
    return json_answer({"__type": space + error.code, "message": error.message, **error.extra}, error.status)


def _request_id() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid4()), "x-amz-request-id": uuid4().hex[:16].upper()}


def _cbor_text(text: str) -> bytes:
    raw = text.encode()
    return b"\x79" + len(raw).to_bytes(2, "big") + raw


def refused(body: bytes) -> AwsError:
    """The error in a JSON body, to be raised again."""
    data = json.loads(body)
    return AwsError(str(data.get("__type", "ValidationException")).rsplit("#", 1)[-1], str(data.get("message", "")))
