"""Starting the sandbox as a process of its own, and stopping it again.

A thread in the same process would share the interpreter with the screen and make it stutter.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from ddbtui.errors import UserError

Seed = Literal["demo", "large", "small", "none"]
Engine = Literal["auto", "spark", "substitute"]
_NEEDED = ("moto", "flask", "flask_cors")


class Sandbox:
    """A running sandbox. A context manager: on leaving, the process and its folder are gone.

    Attributes:
        endpoint: URL of all simulated services.
        environment: what any AWS client needs in its environment, beside the name of a profile.
        folder: holds the AWS config and credentials; profiles `source`, `target`, `target-role` and `management`.
    """

    def __init__(self, process: subprocess.Popen[str], folder: Path, told: dict[str, Any]) -> None:
        self._process = process
        self.folder = folder
        self.port: int = told["port"]
        self.endpoint: str = told["endpoint"]
        self.environment: dict[str, str] = told["env"]

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process.poll() is None

    def control(self, what: str, **data: Any) -> Any:
        """POST to a control endpoint, e.g. `control("speed", speed=0)`; see `ddbtui.sandbox.control`."""
        return self._ask(what, json.dumps(data).encode())

    def calls(self) -> list[dict[str, Any]]:
        """Every call since the start or the last `control("calls/clear")`, with the IAM actions that it needed."""
        calls: list[dict[str, Any]] = self._ask("calls", None)
        return calls

    def engine(self) -> dict[str, Any]:
        """What runs Glue's Spark jobs now, and what ran the last one."""
        told: dict[str, Any] = self._ask("glue", None)
        return told

    def state(self) -> dict[str, Any]:
        """What goes on: jobs, and how often each fault hit."""
        state: dict[str, Any] = self._ask("state", None)
        return state

    def _ask(self, what: str, body: bytes | None) -> Any:
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{what}", body)  # noqa: S310 our own endpoint
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def stop(self) -> None:
        """End the process and remove its folder; harmless to repeat."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        if self.running:
            self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(seed: Seed = "demo", speed: float = 1.0, port: int = 0, engine: Engine = "auto") -> Sandbox:
    """Start a sandbox and wait until it listens.

    Args:
        seed: which tables there are.
        speed: factor for all durations; 0 makes all instant.
        port: on 127.0.0.1; 0 takes a free one.
        engine: what runs Glue's Spark jobs; `auto` is Spark where it is installed.

    Raises:
        UserError: the extra `sandbox` is not installed, or the process ended at once.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        hint = "Install ddbtui with them, from its checkout: pip install '.[sandbox]'"
        raise UserError("the sandbox needs moto and Flask, which are not installed", hint)
    folder = Path(tempfile.mkdtemp(prefix="ddbtui-sandbox-"))
    command = [sys.executable, "-m", "ddbtui.sandbox", "--until-stdin-closes", "--config-dir", str(folder)]
    command += ["--seed", seed, "--speed", str(speed), "--port", str(port), "--engine", engine]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(  # noqa: S603 our own command
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=kept,
            start_new_session=True,
        )
    assert process.stdin
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        process.wait()
        process.stdin.close()
        process.stdout.close()
        last = (folder / "errors").read_text().strip().rsplit("\n", 1)[-1]
        shutil.rmtree(folder, ignore_errors=True)
        raise UserError(f"the sandbox did not start: {last or 'no reason given'}", "Is the port taken? Try another.")
    return Sandbox(process, folder, json.loads(line))
