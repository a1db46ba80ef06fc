"""What starting the program imports: `--help` must not wait for libraries that it doesn't need."""

import subprocess
import sys

import pytest

HEAVY = ("boto3", "botocore", "textual", "pydantic", "yaml", "questionary", "prompt_toolkit", "rich", "msgspec", "moto")


def modules_after(code: str) -> set[str]:
    script = (
        f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stderr.splitlines())


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["run", "--help"], ["check"], ["no-such-command"], ["demo", "--help"]]
)
def test_help_and_usage_errors_import_nothing_heavy(argv: list[str]) -> None:
    loaded = modules_after(f"from ddbtui.cli import main; main({argv!r})")
    assert "ddbtui.commands.arguments" in loaded
    assert not loaded.intersection(HEAVY)


def test_refusing_the_wizard_without_a_terminal_imports_nothing_heavy() -> None:
    loaded = modules_after("from ddbtui.cli import main; main([])")
    assert not loaded.intersection(HEAVY)


def test_only_the_wizard_imports_textual() -> None:
    code = (
        "import ddbtui.commands.run, ddbtui.commands.check, ddbtui.commands.runs, ddbtui.commands.ending, "
        "ddbtui.commands.about, ddbtui.commands.plan, ddbtui.commands.demo, ddbtui.commands.sandbox, "
        "ddbtui.prompts.questions"
    )
    loaded = modules_after(code)
    assert not loaded.intersection({"textual", "questionary", "moto", "flask", "boto3"})
