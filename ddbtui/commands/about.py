"""Commands that describe: methods, the plan's schema, permissions, shell completion."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddbtui.commands.common import open_service
from ddbtui.errors import Exit, UserError
from ddbtui.reporting import json_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ddbtui.methods.base import Method
    from ddbtui.plan.model import Side

_INLINE, _ATTACHED = 10_240, 10
"""Of a role: characters of its inline policies, not counting white space, and managed policies by default.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def methods(args: argparse.Namespace) -> int:
    """List all methods with what they keep and lose."""
    found = open_service().methods()
    if args.output == "json":
        print(json_lines.document([_fields(method) for method in found]))
        return int(Exit.DONE)
    for method in found:
        print(f"{method.id}: {method.title}" + ("" if method.available else " (not available yet)"))
        print(f"  {method.summary}")
        print(f"  {method.url}")
        for word in dict.fromkeys(method.keeps.values()):
            names = ", ".join(name for name, kept in method.keeps.items() if kept == word)
            print(f"  {word:<10} {names}")
        print()
    return int(Exit.DONE)


def _fields(method: Method) -> dict[str, Any]:
    return {
        "id": method.id,
        "title": method.title,
        "summary": method.summary,
        "url": method.url,
        "available": method.available,
        "keeps": dict(method.keeps),
    }


def schema(_args: argparse.Namespace) -> int:
    """Print the JSON Schema of a plan."""
    from ddbtui.methods.catalog import option_models
    from ddbtui.plan.schema import plan_schema

    print(json_lines.document(plan_schema(option_models())))
    return int(Exit.DONE)


def permissions(args: argparse.Namespace) -> int:
    """Print the IAM policy of one account, or of all in one object."""
    from ddbtui.methods.permissions import size, split

    service = open_service()
    policies = service.permissions(service.resolve(service.load_plan(Path(args.plan))), args.remedies)
    if args.side and args.side not in policies:
        hint = "A remedy may need it: name the account under `management`, and give --remedies."
        raise UserError("this plan needs nothing of a management account", hint, Exit.USAGE)
    wanted = {side: policy for side, policy in policies.items() if args.side in (None, side)}
    pieces = {side: list(split(policy)) for side, policy in wanted.items()}
    printed: Mapping[Side, Any] = pieces if args.split else wanted
    print(json_lines.document(printed[args.side] if args.side else dict(printed)))
    for side, parts in pieces.items():
        if len(parts) > (_ATTACHED if args.split else 1):
            print(_too_large(side, size(wanted[side]), len(parts)), file=sys.stderr)
    return int(Exit.DONE)


def _too_large(side: Side, characters: int, pieces: int) -> str:
    from ddbtui.methods.permissions import MANAGED

    told = (
        f"ddbtui: the {side}'s policy has {characters:,} characters; IAM takes {MANAGED:,} in a managed one and "
        f"{_INLINE:,} in all that a role has inline\n"
    )
    if pieces > _ATTACHED:
        return told + (
            f"  That is {pieces} managed policies, and a role has {_ATTACHED} unless its quota is raised: divide the "
            "tables among several\n  plans, or name them by a wildcard where the policy lists them."
        )
    return told + f"  `--split` prints {pieces} policies, each of which IAM takes."


def completion(args: argparse.Namespace) -> int:
    """Print a completion script."""
    import shtab

    from ddbtui.commands.arguments import build_parser

    parser = build_parser()
    _complete_files(parser)
    print(shtab.complete(parser, args.shell))
    return int(Exit.DONE)


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Tell shtab which arguments are files."""
    import shtab

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                _complete_files(sub)
        elif action.dest in ("plan", "out"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
