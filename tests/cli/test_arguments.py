"""The command line as declared: every command, its arguments, its help, and what is said about wrong ones."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from ddbtui.cli import main
from ddbtui.commands.arguments import COMMANDS, Command, parse

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
NAMES = [command.name for command in COMMANDS]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], {"handler": "wizard:wizard", "command": None}),
        (["plan"], {"handler": "plan:plan", "out": "plan.yaml", "force": False}),
        (["plan", "-o", "x.yaml"], {"out": "x.yaml"}),
        (["check", "p.yaml", "--fix", "--yes"], {"plan": "p.yaml", "fix": True, "yes": True, "output": "plain"}),
        (["run", "p.yaml"], {"output": "auto", "yes": False, "dry_run": False, "new": False, "acknowledge": []}),
        (["run", "p.yaml", "--acknowledge", "a", "--acknowledge", "b"], {"acknowledge": ["a", "b"]}),
        (["run", "p.yaml", "--dry-run", "--output", "json"], {"dry_run": True, "output": "json"}),
        (["resume"], {"run": None, "handler": "run:resume", "output": "auto"}),
        (["resume", "r1"], {"run": "r1"}),
        (["status", "r1", "--output", "json"], {"run": "r1", "output": "json"}),
        (["clean-up", "r1", "--yes"], {"run": "r1", "yes": True}),
        (["cancel", "--yes"], {"run": None, "yes": True}),
        (["permissions", "p.yaml", "--remedies", "--side", "target"], {"remedies": True, "side": "target"}),
        (["permissions", "p.yaml", "--split"], {"remedies": False, "side": None, "split": True}),
        (["completion", "zsh"], {"shell": "zsh"}),
        (["sandbox"], {"seed": "demo", "speed": 1.0}),
    ],
)
def test_what_is_typed_is_what_is_understood(argv: list[str], expected: dict[str, object]) -> None:
    found = vars(parse(argv))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["rnu"], "there is no command 'rnu'; did you mean 'run'?"),
        (["cleanup", "--yes"], "did you mean 'clean-up'?"),
        (["zzz"], "there is no command 'zzz'"),
        (["run"], "PLAN"),
        (["run", "p", "--outputs", "json"], "--outputs"),
        (["run", "p", "--out", "json"], "--out"),
        (["run", "p", "--output", "xml"], "xml"),
        (["run", "p", "q"], "q"),
        (["x\x1b[31mrun"], "␛"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    told = capsys.readouterr()
    assert said in told.err
    assert not told.out
    assert "\x1b" not in told.err


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_every_command_has_a_handler_and_a_help(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    module, _, function = command.handler.partition(":")
    assert callable(getattr(import_module(f"ddbtui.commands.{module}"), function))
    with pytest.raises(SystemExit) as left:
        main([command.name, "--help"])
    assert left.value.code == 0
    assert f"ddbtui {command.name}" in capsys.readouterr().out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert re.fullmatch(r"ddbtui \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)


def test_the_docs_show_every_command_and_option_and_no_other() -> None:
    text = DOCS.read_text(encoding="utf-8")
    headings = re.findall(r"^### `ddbtui ([a-z-]+)", text, re.MULTILINE)
    assert headings == NAMES
    sections = re.split(r"^### `ddbtui ", text, flags=re.MULTILINE)[1:]
    for command, section in zip(COMMANDS, sections, strict=True):
        options = {name for option in command.options for name in option.names if name.startswith("--")}
        mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", section.split("\n\n")[0]))
        assert mentioned == options, command.name


def test_every_command_line_of_the_docs_is_understood() -> None:
    lines = re.findall(r"^\$? ?ddbtui ([^\n#|>]*)", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    for line in lines:
        parse(line.split())
