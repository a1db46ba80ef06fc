"""Runs one job's script, as Glue does: fetches it from S3 with the job's role, and runs it as the main program.

A process of its own, started by `glue_execution` with the environment of the job and nothing else. It ends with the
sandbox: a pipe to it is its standard input, and when that closes, the whole process group is killed.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

OWN = "ddbtui"


class LaunchError(Exception):
    """The script cannot be run at all."""


class OnlyUploaded:
    """Finds this project's packages in the job's own files only, though they are installed here: on Glue they are not.

    Args:
        files: what was uploaded for the job.
    """

    def __init__(self, files: list[str]) -> None:
        self.files = files

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for `ddbtui`, nothing for all else."""
        if name != OWN:
            return None
        spec = PathFinder.find_spec(name, self.files)
        if spec is None:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return spec


def fetch(s3: Any, uri: str, folder: Path) -> Path:
    """Download an object next to the others.

    Raises:
        LaunchError: with the message that Glue shows.
    """
    from botocore.exceptions import ClientError

    parts = urlsplit(uri)
    bucket, key = parts.netloc, parts.path.lstrip("/")
    if parts.scheme not in ("s3", "s3a", "s3n") or not key:
        raise LaunchError(f"LAUNCH ERROR | Invalid S3 path: {uri}. Please refer logs for details.")
    place = folder / key.rsplit("/", 1)[-1]
    try:
        place.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        told, answer = error.response["Error"], error.response["ResponseMetadata"]
        text = f"LAUNCH ERROR | Error downloading from S3 for bucket: {bucket}, key: {key}."
        text += f"{told.get('Message', '')} (Service: Amazon S3; Status Code: {answer['HTTPStatusCode']}; "
        text += f"Error Code: {told['Code']}; Request ID: {answer.get('RequestId', '')}; Proxy: null). "
        raise LaunchError(text + "Please refer logs for details.") from error
    return place


def failure(error: BaseException, script: Path) -> dict[str, Any]:
    """What is told of an error: its last line, the line of the script, and the frames from the script on."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [number for number, frame in enumerate(frames) if frame.filename == str(script)]
    shown = frames[at[0] :] if at else frames
    last = traceback.format_exception_only(error)[-1].strip()
    text = "Traceback (most recent call last):\n" + "".join(traceback.format_list(shown)) + last
    return {"code": 1, "error": last, "line": frames[at[-1]].lineno if at else None, "traceback": text}


def run(script: Path) -> dict[str, Any]:
    """Run the script as the main program; say how it ended."""
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as error:
        if error.code in (None, 0):
            return {"code": 0}
        return failure(error, script)
    except BaseException as error:  # whatever it is, the run fails with it
        return failure(error, script)
    return {"code": 0}


def launch(folder: Path) -> dict[str, Any]:
    """Fetch all that the job needs and run it.

    Args:
        folder: holds `launch.json`: script, files, more files for the working folder, folders and arguments.
    """
    import boto3

    wanted = json.loads((folder / "launch.json").read_text(encoding="utf-8"))
    s3 = boto3.client("s3")
    try:
        script = fetch(s3, wanted["script"], folder)
        files = [fetch(s3, uri, folder) for uri in wanted["files"]]
        for uri in wanted["beside"]:
            fetch(s3, uri, folder)
    except LaunchError as error:
        return {"code": 1, "message": str(error)}
    places = [str(each) if each.suffix != ".py" else str(each.parent) for each in files]
    paths = [*places, *wanted["folders"]]
    sys.path[:0] = [*paths, str(folder)]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.meta_path.insert(0, OnlyUploaded(places))
    sys.argv = [str(script), *wanted["arguments"]]
    return run(script)


def _end_with_sandbox() -> None:
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        while os.read(lifeline, 1):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Run the job of the working folder; how it ended is left in `result.json`."""
    _end_with_sandbox()
    folder = Path.cwd()
    result = launch(folder)
    if "traceback" in result:
        print(result["traceback"], file=sys.stderr)  # noqa: T201 where Python would print it
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    sys.exit(result["code"])


if __name__ == "__main__":
    main()
