"""The two files that Glue loads: always the same, and enough by themselves."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args
from zipfile import ZIP_STORED, ZipFile

import pytest

from ddbtui.methods.glue import jobs
from ddbtui.methods.glue.bundle import JobScript, bundle

FOLDER = Path(jobs.__file__).parent
SCRIPTS: tuple[JobScript, ...] = get_args(JobScript)
GIVEN = {"boto3", "botocore", "pyspark", "awsglue"}
"""What a Glue job finds beside the standard library."""


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_are_those_of_the_content(script: JobScript) -> None:
    made = bundle(script)
    assert made.script == (FOLDER / f"{script}.py").read_bytes()
    assert made.script_name == f"{script}-{hashlib.sha256(made.script).hexdigest()[:16]}.py"
    assert made.archive_name == f"ddbtui-jobs-{hashlib.sha256(made.archive).hexdigest()[:16]}.zip"


def test_all_scripts_share_the_archive() -> None:
    assert len({bundle(script).archive for script in SCRIPTS}) == 1


def test_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = bundle("load_export")
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert bundle("load_export") == before
    with ZipFile(io.BytesIO(before.archive)) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {ZIP_STORED}, "compressors differ between machines"


def test_the_archive_holds_the_jobs_and_no_other_code() -> None:
    with ZipFile(io.BytesIO(bundle("load_export").archive)) as archive:
        names = archive.namelist()
    above = {f"{folder}/__init__.py" for folder in ("ddbtui", "ddbtui/methods", "ddbtui/methods/glue")}
    assert names == sorted(above | {f"ddbtui/methods/glue/jobs/{file.name}" for file in FOLDER.glob("*.py")})


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_job_imports_only_what_glue_has(path: Path) -> None:
    others = {name for name in imported(path) if not name.startswith("ddbtui.methods.glue.jobs.")}
    assert {name.split(".")[0] for name in others} <= GIVEN | set(sys.stdlib_module_names)


_IMPORT = """
import importlib, sys
for name in {names}:
    module = importlib.import_module("ddbtui.methods.glue.jobs." + name)
    assert module.__file__.startswith({archive!r}), module.__file__
"""


def test_the_archive_is_enough(tmp_path: Path) -> None:
    made = bundle("load_export")
    archive = tmp_path / made.archive_name
    archive.write_bytes(made.archive)
    names = [file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__"]
    program = _IMPORT.format(names=names, archive=str(archive))
    environment = {**os.environ, "PYTHONPATH": str(archive)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True, timeout=60)
