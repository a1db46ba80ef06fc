"""The process that runs a job's script: starting it, following what it prints, killing it.

Nothing of the user's environment reaches it but what Python itself needs.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "SYSTEMROOT")
_LAUNCHER = Path(__file__).with_name("launch.py")
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """How a script ended.

    Args:
        succeeded: whether it ended by itself, without an error.
        message: what the run's description tells of an error.
        traceback: Python's, if it was an error of the script.
    """

    succeeded: bool
    message: str = ""
    traceback: str = ""


class Execution:
    """A script that runs.

    Args:
        spec: what `launch` reads.
        environment: of the job: credentials, Region, endpoint.
        parent: where to put its working folder.
        tell: takes `stdout` or `stderr`, and a line.
        look: called twice a second while it runs, and once when it has ended.
    """

    def __init__(
        self,
        spec: dict[str, Any],
        environment: dict[str, str],
        parent: str | None,
        tell: Callable[[str, str], None],
        look: Callable[[], None],
    ) -> None:
        self.outcome: Outcome | None = None
        self._tell, self._look = tell, look
        self._folder = Path(tempfile.mkdtemp(prefix="glue-", dir=parent))
        (self._folder / "launch.json").write_text(json.dumps(spec), encoding="utf-8")
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        own = {"HOME": str(self._folder), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:backslashreplace"}
        self._process = subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, "-P", str(_LAUNCHER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env={**kept, **own, **environment},
            start_new_session=True,
        )
        threading.Thread(target=self._follow, daemon=True).start()

    def kill(self) -> None:
        """End it and all that it started; it has ended when `outcome` is there."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self, seconds: float) -> None:
        """Wait until the process is gone, that long at most."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def _follow(self) -> None:
        process = self._process
        pipes = {"stdout": process.stdout, "stderr": process.stderr}
        readers = [threading.Thread(target=self._read, args=pair, daemon=True) for pair in pipes.items()]
        for reader in readers:
            reader.start()
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
            self._look()
        self.kill()  # what the script has left behind: it would keep the pipes open
        for reader in readers:
            reader.join()
        if process.stdin:
            process.stdin.close()
        self.outcome = self._read_outcome(process.returncode)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._look()

    def _read(self, name: str, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self._tell(name, line.decode("utf-8", "replace").rstrip("\r\n"))

    def _read_outcome(self, code: int) -> Outcome:
        try:
            result = json.loads((self._folder / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Outcome(False, f"Command failed with exit code {code}")
        if result["code"] == 0 and code == 0:
            return Outcome(True)
        if "error" not in result:
            return Outcome(False, result.get("message", f"Command failed with exit code {code}"))
        line = f"Failed Line Number: {result['line']}; " if result["line"] else ""
        return Outcome(False, f"Error Category: UNCLASSIFIED_ERROR; {line}{result['error']}", result["traceback"])
