"""Serving on 127.0.0.1: keeps connections, logs nothing, and ends when told to."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

from ddbtui.sandbox.front import Front
from ddbtui.sandbox.glue.run import discard_all
from ddbtui.sandbox.profiles import write_profiles
from ddbtui.sandbox.seeding import reset
from ddbtui.sandbox.world import World


class _Handler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        """Werkzeug answers `Expect: 100-continue` itself."""
        return True

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Cut the connection: its client must not wait for an answer until its own timeout."""
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 werkzeug's name
        """Log nothing: the terminal belongs to whoever started the sandbox."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002 http.server's name
        """Log nothing."""


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 werkzeug's name
        """Log nothing."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that ended is no news."""


def serve(port: int, world: World, folder: Path, *, until_stdin_closes: bool) -> None:
    """Seed, listen, tell where on stdout, and serve until a signal comes or stdin closes."""
    server = _Server("127.0.0.1", port, Front(world), handler=_Handler)
    reset(world)
    endpoint = f"http://127.0.0.1:{server.port}"
    world.endpoint, world.folder = endpoint, str(folder)
    told = {"port": server.port, "endpoint": endpoint, "env": write_profiles(folder, endpoint)}
    with _ending(server, until_stdin_closes=until_stdin_closes):
        print(json.dumps(told), flush=True)  # noqa: T201 the protocol of this process
        server.serve_forever(poll_interval=0.1)
    with world.lock:
        discard_all(world)


@contextmanager
def _ending(server: _Server, *, until_stdin_closes: bool) -> Iterator[None]:
    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    def on_signal(_: int, __: FrameType | None) -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    if until_stdin_closes:
        threading.Thread(target=_wait_for_stdin, args=(stop,), daemon=True).start()
    try:
        yield
    finally:
        server.server_close()


def _wait_for_stdin(stop: Any) -> None:
    with suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 1024):
            pass
    stop()
