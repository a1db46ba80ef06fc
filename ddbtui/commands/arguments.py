"""What the command line takes. Imports nothing heavy: `--help` and completion read only this."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from ddbtui import __version__
from ddbtui.errors import Exit
from ddbtui.text import did_you_mean, shown

OUTPUTS = ("auto", "plain", "json")
SHELLS = ("bash", "zsh", "tcsh", "fish")

_EPILOG = """\
examples:
  ddbtui                                  the wizard
  ddbtui plan -o move.yaml                the same questions, line by line
  ddbtui check move.yaml --fix            check the prerequisites, mend what fails
  ddbtui run move.yaml --dry-run          every call that would change something
  ddbtui run move.yaml --yes              carry it out without a person
  ddbtui resume                           go on with an interrupted run
  ddbtui demo                             the whole road on two simulated accounts

exit codes:
  0 done and proven   1 failed   2 plan or usage wrong   3 a prerequisite fails
  4 waiting at a gate   5 the proof found differences   130 interrupted
"""


@dataclass(frozen=True)
class Option:
    """One argument of a command: what `add_argument` takes."""

    names: tuple[str, ...]
    settings: dict[str, Any]


def _option(*names: str, **settings: Any) -> Option:
    return Option(names, settings)


_PLAN = _option("plan", metavar="PLAN", help="the plan, a YAML file")
_RUN = _option("run", metavar="RUN", nargs="?", help="id of the run, as `ddbtui runs` shows it")
_YES = _option("--yes", action="store_true", help="consent to what would be asked")
_DOCUMENT = _option("--output", choices=("plain", "json"), default="plain", help="plain text (default) or JSON")
_LINES = _option(
    "--output",
    choices=OUTPUTS,
    default="auto",
    help="plain lines, JSON lines, or auto (default): plain, on a terminal with a line that shows the progress",
)
_ACKNOWLEDGE = _option(
    "--acknowledge",
    metavar="GATE",
    action="append",
    default=[],
    help="pass this gate without being asked; may be repeated",
)


@dataclass(frozen=True)
class Command:
    """One command.

    Args:
        name: as it is typed.
        help: one line.
        handler: `module:function` in `ddbtui.commands`.
        options: its arguments.
        example: one line for its own help.
    """

    name: str
    help: str
    handler: str
    options: tuple[Option, ...] = ()
    example: str = ""


COMMANDS: tuple[Command, ...] = (
    Command(
        "plan",
        "ask line by line and save a plan",
        "plan:plan",
        (
            _option("-o", "--out", metavar="FILE", default="plan.yaml", help="where to save it (default: plan.yaml)"),
            _option("--force", action="store_true", help="replace an existing file"),
        ),
        "ddbtui plan -o move.yaml",
    ),
    Command(
        "check",
        "check the prerequisites of a plan",
        "check:check",
        (
            _PLAN,
            _option("--fix", action="store_true", help="offer each remedy with its exact change"),
            _option("--yes", action="store_true", help="with --fix: apply all remedies without asking"),
            _DOCUMENT,
        ),
        "ddbtui check move.yaml --fix",
    ),
    Command(
        "run",
        "carry out a plan",
        "run:run",
        (
            _PLAN,
            _LINES,
            _option("--yes", action="store_true", help="apply the remedies of failing prerequisites without asking"),
            _option(
                "--dry-run", action="store_true", help="list every call that would change something; change nothing"
            ),
            _option("--new", action="store_true", help="start anew although a run of this plan is unfinished"),
            _ACKNOWLEDGE,
        ),
        "ddbtui run move.yaml --yes --output json --acknowledge writes-stopped",
    ),
    Command("runs", "list the runs", "runs:runs", (_DOCUMENT,)),
    Command("status", "show one run, by default the newest", "runs:status", (_RUN, _DOCUMENT)),
    Command(
        "resume",
        "go on with an interrupted, waiting or failed run",
        "run:resume",
        (_RUN, _LINES, _ACKNOWLEDGE),
        "ddbtui resume --acknowledge writes-stopped",
    ),
    Command("cancel", "give up an unfinished run", "ending:cancel", (_RUN, _YES)),
    Command("clean-up", "remove what a run left in the accounts", "ending:clean_up", (_RUN, _YES, _DOCUMENT)),
    Command("methods", "list the methods with what they keep and lose", "about:methods", (_DOCUMENT,)),
    Command(
        "recovery-points",
        "list the recovery points of a plan's tables in the target's vault",
        "recovery_points:recovery_points",
        (_PLAN, _DOCUMENT),
        "ddbtui recovery-points move.yaml",
    ),
    Command("schema", "print the JSON Schema of a plan", "about:schema"),
    Command(
        "permissions",
        "print the exact IAM policy that each account needs",
        "about:permissions",
        (
            _PLAN,
            _option("--remedies", action="store_true", help="with what the remedies of the prerequisites need"),
            _option("--side", choices=("source", "target", "management"), help="only this account's policy document"),
            _option("--split", action="store_true", help="as lists of policies, each short enough for IAM"),
        ),
        "ddbtui permissions move.yaml --side target > policy.json",
    ),
    Command("demo", "try it on two simulated accounts", "demo:demo"),
    Command(
        "sandbox",
        "start two simulated accounts for any AWS client",
        "sandbox:sandbox",
        (
            _option(
                "--seed", choices=("demo", "large", "small", "none"), default="demo", help="which tables there are"
            ),
            _option(
                "--speed",
                type=float,
                default=1.0,
                metavar="X",
                help="factor for how long jobs take; 0: all instant (default: 1)",
            ),
            _option(
                "--engine",
                choices=("auto", "spark", "substitute"),
                default="auto",
                help="what runs Glue's Spark jobs; auto: Spark where pyspark and Java are installed (default: auto)",
            ),
        ),
        "ddbtui sandbox",
    ),
    Command(
        "completion",
        "print a completion script for a shell",
        "about:completion",
        (_option("shell", choices=SHELLS, help="the shell"),),
        "ddbtui completion bash > ~/.local/share/bash-completion/completions/ddbtui",
    ),
)


class Parser(argparse.ArgumentParser):
    """Argparse with errors in this program's form."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and a hint at the help."""
        self.exit(Exit.USAGE, f"ddbtui: {shown(message)}\n  `{self.prog} --help` shows what it takes.\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="ddbtui",
        description="Move DynamoDB tables between AWS accounts. Without a command: the wizard.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ddbtui {__version__}")
    parser.set_defaults(handler="wizard:wizard", command=None, output="plain")
    group = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", parser_class=Parser)
    for command in COMMANDS:
        _add(group.add_parser, command)
    return parser


def _add(add_parser: Callable[..., argparse.ArgumentParser], command: Command) -> None:
    sub = add_parser(
        command.name,
        help=command.help,
        description=command.help[0].upper() + command.help[1:] + ".",
        epilog=f"example:\n  {command.example}" if command.example else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in command.options:
        sub.add_argument(*option.names, **option.settings)
    sub.set_defaults(handler=command.handler)


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse a command line; raises SystemExit(2) with a message when it is wrong.

    Args:
        argv: without the program's name.
    """
    parser = build_parser()
    names = [command.name for command in COMMANDS]
    first = next((word for word in argv if not word.startswith("-")), None)
    if first is not None and first not in names:
        parser.error(f"there is no command '{shown(first, 40)}'{did_you_mean(first, names)}")
    return parser.parse_args(argv)
