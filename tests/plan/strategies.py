"""Plans of every shape, for property tests."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from ddbtui.plan.model import CARRY_OVER, AccountRef, MethodOptions, Plan, TableChoice, TargetTable
from ddbtui.text import shown
from tests.plan.options import CopyEncryption, CopyOptions, PlainOptions

TRAPS = ["on", "off", "yes", "no", "y", "null", "~", "true", "1e3", "0x1f", "0o17", "1_000", "12:30:45", "2023-01-01"]
TRAPS += [".nan", "=", "<<", "-", "?", "a: b", "a #b", "'", '"', "\\", "{", "[x]", "&a", "*a", "!a", "|", ">", "%", "@"]

visible = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda t: shown(t, 99) == t)
words = visible | st.sampled_from(TRAPS) | st.just(" padded ") | st.just("x" * 200)
profiles = words.filter(lambda t: len(t) <= 255)
digits = st.text(string.digits, min_size=12, max_size=12)
names = st.text(string.ascii_letters + string.digits + "_.-", min_size=3, max_size=30) | st.sampled_from(
    ["null", "true", "off.", "2023-01-01", "0123", "1e5", "...", "---", "-.-"]
)
patterns = st.text(string.ascii_letters + "*?-", min_size=1, max_size=10).filter(lambda t: "*" in t or "?" in t)
roles = st.builds("arn:aws:iam::{}:role/{}".format, digits, st.text(string.ascii_letters + "+=,.@/_-", min_size=1))
keys = st.builds("arn:aws:kms:eu-west-1:{}:key/{}".format, digits, st.text(string.hexdigits, min_size=1, max_size=36))
variables = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)


@st.composite
def accounts(draw: st.DrawFn, account_id: str) -> AccountRef:
    role = draw(st.none() | roles)
    return AccountRef(
        profile=draw(st.none() | profiles),
        region=draw(st.sampled_from(["eu-west-1", "us-gov-west-1", "cn-north-1", "ap-southeast-12"])),
        account_id=account_id,
        role_arn=role,
        external_id_env=draw(st.none() | variables) if role else None,
        session_name=draw(st.none() | st.sampled_from(["me", "null", "a+b=c,d.e@f-g", "1234"])) if role else None,
    )


tables = (
    names.map(lambda name: TableChoice(name=name))
    | patterns.map(lambda name: TableChoice(name=name))
    | st.builds(lambda name, new: TableChoice(name=name, target_name=new), names, names)
)
copies = st.builds(
    CopyOptions,
    type=st.just("copy"),
    bucket=st.text(string.ascii_lowercase + string.digits + ".-", min_size=3, max_size=63),
    prefix=words.filter(lambda t: len(t) <= 100) | st.just(""),
    encryption=st.none() | st.builds(CopyEncryption, kms_key_arn=keys),
    workers=st.integers(1, 64),
    ratio=st.none() | st.sampled_from([0.25, 1e-07, 1.0]),
    dry=st.booleans(),
    engine=st.sampled_from(["spark", "hive"]),
    subnets=st.lists(words, max_size=3).map(tuple),
    labels=st.dictionaries(words, words, max_size=3),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    source, target = draw(st.lists(digits, min_size=2, max_size=2, unique=True))
    method: MethodOptions = draw(copies | st.just(PlainOptions()))
    return Plan(
        source=draw(accounts(source)),
        target=draw(accounts(target)),
        management=draw(st.none() | accounts(source) | accounts("000000000000")),
        tables=tuple(
            draw(
                st.lists(
                    tables, min_size=1, max_size=5, unique_by=(lambda t: t.name, lambda t: t.target_name or t.name)
                )
            )
        ),
        method=method,
        target_table=draw(
            st.just(TargetTable())
            | st.builds(
                TargetTable,
                encryption=st.sampled_from(["aws-owned", "aws-managed"]) | keys,
                billing=st.sampled_from(["as-source", "on-demand"]),
            )
        ),
        carry_over=draw(st.just("all") | st.lists(st.sampled_from(CARRY_OVER), unique=True).map(tuple)),
        proof=draw(st.sampled_from(["counts", "digest", "off"])),
        clean_up=draw(st.sampled_from(["staging", "nothing"])),
        acknowledge=tuple(draw(st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True), max_size=3))),
    )
