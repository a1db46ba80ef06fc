"""Makes of the job scripts the two files that Glue loads: the script, and one archive with the modules it imports.

Both are named after their content, so that a job never runs other code than that of the ddbtui that started it. The
same sources give the same bytes on every machine: nothing is compressed, and all dates are the same.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal
from zipfile import ZipFile, ZipInfo

JobScript = Literal["load_export", "copy_table", "load_catalog", "copy_connector"]
_JOBS = "ddbtui.methods.glue.jobs"
_ABOVE = ("ddbtui", "ddbtui.methods", "ddbtui.methods.glue")
"""Packages of which only `__init__.py` is needed, so that the modules keep their names."""


@dataclass(frozen=True)
class Bundle:
    """What to upload for a job.

    Args:
        script_name: file name of the script, for `Command.ScriptLocation`.
        script: its content.
        archive_name: file name of the archive, for `--extra-py-files`.
        archive: its content, a zip file.
    """

    script_name: str
    script: bytes
    archive_name: str
    archive: bytes


def bundle(script: JobScript) -> Bundle:
    """Return the files for one of the job scripts."""
    source = files(_JOBS).joinpath(f"{script}.py").read_bytes()
    archive = _archive()
    return Bundle(f"{script}-{_hash(source)}.py", source, f"ddbtui-jobs-{_hash(archive)}.zip", archive)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _archive() -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for name, content in sorted(_sources()):
            entry = ZipInfo(name)  # dated 1980-01-01
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return written.getvalue()


def _sources() -> Iterator[tuple[str, bytes]]:
    for package in (*_ABOVE, _JOBS):
        for file in files(package).iterdir():
            wanted = file.name.endswith(".py") if package == _JOBS else file.name == "__init__.py"
            if wanted:
                yield f"{package.replace('.', '/')}/{file.name}", file.read_bytes()
