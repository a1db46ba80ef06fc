"""What is shipped, and that README and Makefile name only what there is."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from ddbtui.commands.arguments import COMMANDS
from ddbtui.methods.base import Estimate
from ddbtui.methods.catalog import METHODS, method, option_models
from ddbtui.plan.reader import parse_plan
from tests.methods.tables import index, table

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PROJECT["tool"]["setuptools"]
MAPPED = {"ddbtui.samples": "sample-configs", "ddbtui.screens": "screens"}
"""Packages that stand at the top level of the repository."""
SHIPPED = {".py", ".tcss", ".typed", ".yaml", ".json"}


def folders_with_code() -> dict[str, Path]:
    """Every package of the product by its dotted name, found on disk."""
    found = {}
    for name, place in {"ddbtui": "ddbtui", **MAPPED}.items():
        top = ROOT / place
        for folder, below, files in os.walk(top):
            below[:] = [sub for sub in below if sub != "__pycache__"]
            if files:
                inner = Path(folder).relative_to(top).parts
                found[".".join([name, *inner])] = Path(folder)
    return found


def shipped_files() -> set[str]:
    """What the wheel must hold, by path in site-packages."""
    return {
        f"{package.replace('.', '/')}/{file.name}"
        for package, folder in folders_with_code().items()
        for file in folder.iterdir()
        if file.is_file() and file.suffix in SHIPPED
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy, without the network."""
    if not os.environ.get("CI"):
        pytest.importorskip("setuptools", minversion="77", reason="building a wheel needs setuptools 77")
    copy = tmp_path_factory.mktemp("wheel") / "copy"
    copy.mkdir()
    for name in ("ddbtui", *MAPPED.values()):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, copy)
    build = "from setuptools import build_meta; print(build_meta.build_wheel('dist'))"
    _run(["-c", build], copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """What the wheel holds."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _run(arguments: list[str], folder: Path, **environment: str) -> str:
    env = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_screens_stand_at_the_top_and_are_linked_into_the_package() -> None:
    link = ROOT / "ddbtui" / "screens"
    assert link.is_symlink()
    assert os.readlink(link) == "../screens"
    assert not (ROOT / "screens").is_symlink()
    assert find_spec("ddbtui.screens") is not None


def test_every_folder_with_code_is_a_listed_package() -> None:
    assert sorted(SETUPTOOLS["packages"]) == sorted(folders_with_code())
    assert SETUPTOOLS["packages"] == sorted(SETUPTOOLS["packages"])


def test_every_package_says_what_it_is() -> None:
    for name, folder in folders_with_code().items():
        assert (folder / "__init__.py").is_file() or name == "ddbtui.samples", name


def test_packages_of_the_top_level_are_mapped_to_it() -> None:
    mapped = {name: folder for name, folder in SETUPTOOLS["package-dir"].items() if name != "ddbtui"}
    assert mapped == {
        name: str(folder.relative_to(ROOT))
        for name, folder in folders_with_code().items()
        if name.startswith(tuple(MAPPED))
    }


def test_a_wheel_holds_all_code_and_data_and_nothing_else(names: set[str]) -> None:
    info = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - info == shipped_files()
    assert "ddbtui/screens/wizard.tcss" in names
    assert "ddbtui/samples/s3-import.yaml" in names, "the demo runs it"
    assert "ddbtui/py.typed" in names


def test_a_wheel_holds_the_licence_and_the_command(names: set[str]) -> None:
    ends = [name.split("/", 1)[1] for name in names if ".dist-info/" in name]
    assert "licenses/LICENSE" in ends
    assert "entry_points.txt" in ends


_IMPORT_ALL = """
import importlib, pathlib, pkgutil, ddbtui
modules = [m.name for m in pkgutil.walk_packages(ddbtui.__path__, "ddbtui.") if not m.name.endswith("__main__")]
for name in modules:
    where = pathlib.Path(importlib.import_module(name).__file__).resolve()
    assert where.is_relative_to(pathlib.Path.cwd()), (name, where)
assert importlib.util.find_spec("screens") is None, "screens is importable by its folder"
print(len(modules))
"""


def test_every_module_of_an_unpacked_wheel_can_be_imported(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    assert int(_run(["-c", _IMPORT_ALL], tmp_path, PYTHONPATH=str(tmp_path))) > 50
    assert "the wizard" in _run(["-m", "ddbtui", "--help"], tmp_path, PYTHONPATH=str(tmp_path))


def test_nothing_imports_screens_by_its_folder() -> None:
    for path in [*(ROOT / "screens").rglob("*.py"), *_python_files("ddbtui", "tests", "benchmarks", "docs")]:
        for node in ast.walk(ast.parse(path.read_text(), str(path))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert not [name for name in names if name.split(".")[0] == "screens"], path


def _python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]


def _documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def _code_in(text: str) -> Iterator[str]:
    """The lines of shell blocks, and what stands in backticks elsewhere."""
    for block in re.findall(r"```(?:sh|console|bash)\n(.*?)```", text, re.DOTALL):
        yield from (line.split(" #")[0].removeprefix("$ ").strip() for line in block.splitlines())
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


OUTCOMES = {
    "kept by AWS": "kept",
    "set when the table is created": "set",
    "set again by ddbtui": "re-applied",
    "partly": "partly",
    "lost": "lost",
    "impossible": "impossible",
}


def test_the_readme_says_of_the_method_what_it_declares() -> None:
    readme = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", readme, re.MULTILINE)
    said = {what: OUTCOMES[outcome] for outcome, whats in rows if outcome in OUTCOMES for what in whats.split("; ")}
    assert said == dict(method("s3-import").keeps)


def test_the_readme_says_which_methods_are_not_available_yet() -> None:
    readme = (ROOT / "README.md").read_text()
    (named,) = re.findall(r"^Not available yet: ([^.]+)\.", readme, re.MULTILINE)
    assert re.findall(r"`([^`]+)`", named) == [one.id for one in METHODS if not one.available]


def estimated(method_id: str, indexes: int = 0) -> Estimate:
    """What 100 GiB of items of 1 KiB take, on demand, with point-in-time recovery on."""
    by = tuple(index(f"by-{number}") for number in range(indexes))
    size = 100 * 1024**3
    return method(method_id).estimate(
        [table(size_bytes=size, item_count=size // 1024, pitr=True, global_indexes=by)], None
    )


def test_the_readme_says_what_a_move_costs_as_it_is_estimated() -> None:
    readme = (ROOT / "README.md").read_text()
    said = dict(re.findall(r"^\| \[`([a-z0-9-]+)`\].* \| (\$[^|]+) \|$", readme, re.MULTILINE))
    assert list(said) == [one.id for one in METHODS if one.available]
    for method_id, words in said.items():
        told = estimated(method_id)
        least, most = told.seconds
        assert words == f"${told.dollars:.0f}, {least // 3600} to {-(-most // 3600)} h", method_id
    text = " ".join(readme.split())
    assert f"About ${estimated('s3-import').dollars:.0f} for 100 GiB by export and import" in text
    for method_id in ("s3-glue", "glue"):
        more = estimated(method_id, indexes=1).dollars - estimated(method_id).dollars
        assert f"global index that holds whole items adds ${more:.0f} to the figures above" in text


def test_the_plan_in_the_readme_is_one() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert parse_plan(text, "README.md", option_models()).method.type == "s3-import"


@pytest.mark.parametrize("document", _documents(), ids=lambda path: path.name)
def test_make_targets_that_are_named_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for code in _code_in(document.read_text()) for word in re.findall(r"^make ([a-z]+)", code)}
    assert named <= targets


@pytest.mark.parametrize("document", _documents(), ids=lambda path: path.name)
def test_commands_and_options_that_are_named_exist(document: Path) -> None:
    options = {
        command.name: {name for option in command.options for name in option.names if name.startswith("-")}
        for command in COMMANDS
    }
    for code in _code_in(document.read_text()):
        words = shlex.split(code, comments=True) if code.startswith("ddbtui ") else []
        if len(words) > 1 and not words[1].startswith("-"):
            assert words[1] in options, code
            used = {word.split("=")[0] for word in words[2:] if word.startswith("-")}
            assert used <= options[words[1]] | {"--help"}, code


@pytest.mark.parametrize("document", _documents(), ids=lambda path: path.name)
def test_files_that_are_linked_exist(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text()):
        if not target.startswith(("http:", "https:")):
            assert (document.parent / target).exists(), target
