"""A server that answers GetObject and Scan with what was made before: its own work does not count for much.

It runs in a process of its own, as AWS does; real boto3 talks to it over HTTP.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any

import boto3
from botocore.config import Config


def _handler(objects: dict[str, bytes], pages: list[list[bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(objects[self.path.split("?")[0].lstrip("/")], "application/octet-stream")

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            place = int(asked.get("ExclusiveStartKey", {}).get("page", {}).get("N", 0))
            self._answer(pages[asked["Segment"]][place], "application/x-amz-json-1.0")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _serve(tell: Connection, objects: dict[str, bytes], pages: list[list[bytes]]) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(objects, pages))
    tell.send(server.server_port)
    server.serve_forever()


@contextmanager
def served(objects: dict[str, bytes], pages: list[list[bytes]]) -> Iterator[tuple[Any, Any]]:
    """Serve and yield clients for S3 and DynamoDB.

    Args:
        objects: bodies by `bucket/key`.
        pages: answers to Scan, by segment and page.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, objects, pages), daemon=True)
    process.start()
    try:
        port = ours.recv()
        yield _client("s3", port), _client("dynamodb", port)
    finally:
        process.kill()
        process.join()


def _client(service: str, port: int) -> Any:
    return boto3.client(
        service,
        region_name="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=16),
    )
