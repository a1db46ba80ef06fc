"""The plan's models. Immutable, strict, without secrets; defaults are what most users want.

A method declares its own options beside its steps (`ddbtui.methods`), so that a new method needs no edit here. Whoever
validates a plan passes the known option models: `Plan.model_validate(data, context={"methods": {...}})`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from ddbtui.plan.misfits import Misfit, refuse
from ddbtui.text import did_you_mean, shown

Side = Literal["source", "target", "management"]
"""Whose account: the two of the move, and the organization's management account if the plan names it."""
SIDES: tuple[Side, ...] = ("source", "target", "management")
CARRY_OVER: tuple[str, ...] = (
    "pitr",
    "table-class",
    "deletion-protection",
    "stream",
    "tags",
    "contributor-insights",
    "scaling",
    "resource-policy",
    "ttl",
)

ACCOUNT_ID = r"^[0-9]{12}$"
REGION = r"^[a-z]{2}(-[a-z]+)+-[0-9]+$"
ROLE_ARN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$"
KEY_ARN = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9_-]+$"
ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
TABLE_NAME = r"^[a-zA-Z0-9_.-]{3,255}$"
TABLE_PATTERN = r"^[a-zA-Z0-9_.*?\[\]!-]{1,255}$"
GATE_NAME = r"^[a-z][a-z0-9-]*$"
SESSION_NAME = r"^[A-Za-z0-9_+=,.@-]{2,64}$"
"""ASCII classes only: `\\d` and `\\w` would take any script. `ddbtui.plan.wording` says each pattern in words."""


@dataclass(frozen=True)
class InWords:
    """Metadata of a constrained type: what it takes, completing "must be ...", for whoever reads no patterns."""

    text: str


def _visible(value: str) -> str:
    if shown(value, len(value) + 1) != value:
        raise ValueError("holds a control or invisible character")
    return value


def _known_setting(name: str) -> str:
    if name not in CARRY_OVER:
        raise ValueError(f"no setting is called '{shown(name, 40)}'{did_you_mean(name, CARRY_OVER)}")
    return name


AccountId = Annotated[str, StringConstraints(pattern=ACCOUNT_ID)]
Region = Annotated[str, StringConstraints(pattern=REGION)]
RoleArn = Annotated[str, StringConstraints(pattern=ROLE_ARN)]
KeyArn = Annotated[str, StringConstraints(pattern=KEY_ARN)]
EnvName = Annotated[str, StringConstraints(pattern=ENV_NAME)]
TableName = Annotated[str, StringConstraints(pattern=TABLE_NAME)]
Pattern = Annotated[str, StringConstraints(pattern=TABLE_PATTERN)]
GateName = Annotated[str, StringConstraints(pattern=GATE_NAME, max_length=64)]
ProfileName = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_visible)]
SettingName = Annotated[
    str, AfterValidator(_known_setting), WithJsonSchema({"type": "string", "enum": list(CARRY_OVER)})
]


def side_named(name: str) -> Side:
    """Return the side of that name, e.g. of a recorded resource.

    Raises:
        ValueError: there is no such side.
    """
    for side in SIDES:
        if side == name:
            return side
    raise ValueError(f"no side is called '{shown(name, 40)}'")


class Strict(BaseModel):
    """Immutable; unknown fields are errors; strings stay strings."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class AccountRef(Strict):
    """How to reach one account, and which account must be behind it."""

    profile: ProfileName | None = Field(None, description="Profile of the AWS config; the default chain if absent")
    region: Region = Field(description="Region of the tables, e.g. eu-west-1")
    account_id: AccountId = Field(description="The 12 digits that must be behind the credentials")
    role_arn: RoleArn | None = Field(None, description="Role to assume with these credentials")
    external_id_env: EnvName | None = Field(None, description="Environment variable that holds the role's external id")
    session_name: str | None = Field(None, pattern=SESSION_NAME, description="Role session name")

    @model_validator(mode="after")
    def _role_before_its_options(self) -> AccountRef:
        if self.role_arn is None and (self.external_id_env or self.session_name):
            raise ValueError("external_id_env and session_name need a role_arn")
        return self


class TableChoice(Strict):
    """One table, or all that match a pattern."""

    name: Pattern = Field(description="Exact table name, or a pattern with * and ?, e.g. shop-*")
    target_name: TableName | None = Field(None, description="Name in the target account; the same name if absent")

    @property
    def is_pattern(self) -> bool:
        """Whether the name can stand for several tables."""
        return any(char in self.name for char in "*?[")

    def matches(self, table_name: str) -> bool:
        """Whether this choice takes in the table of that name."""
        return fnmatchcase(table_name, self.name) if self.is_pattern else table_name == self.name

    @model_validator(mode="after")
    def _one_name_for_one_table(self) -> TableChoice:
        if self.is_pattern and self.target_name:
            raise ValueError("target_name needs an exact name, a pattern can match several tables")
        if not self.is_pattern and not re.fullmatch(r"[a-zA-Z0-9_.-]{3,255}", self.name):
            raise ValueError("a table name has 3 to 255 characters out of a-z, A-Z, 0-9, '_', '-' and '.'")
        return self


class TargetTable(Strict):
    """How the new tables differ from their sources, by wish."""

    encryption: Literal["aws-owned", "aws-managed"] | KeyArn = Field(
        "aws-owned", description="aws-owned, aws-managed, or the ARN of a KMS key that the target account can use"
    )
    billing: Literal["as-source", "on-demand"] = Field("as-source", description="Billing mode of the new tables")

    @property
    def key_arn(self) -> str | None:
        """The customer managed key of the new tables, if they are to have one."""
        return None if self.encryption in ("aws-owned", "aws-managed") else self.encryption


class MethodOptions(Strict):
    """Base of every method's options; `type` names the method."""

    type: str

    def misfits(self) -> Iterator[Misfit]:
        """Yield which options don't go with each other."""
        yield from ()

    def misfits_in(self, plan: Plan) -> Iterator[Misfit]:
        """Yield what in a plan does not go with these options; places are the plan's."""
        yield from ()

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        refuse(self.misfits())
        return self


class Plan(Strict):
    """What was asked. Saved as YAML, replayed without a person."""

    schema_version: ClassVar[int] = 1

    version: Literal[1] = Field(1, description="Version of this format")
    source: AccountRef = Field(description="The account that has the tables")
    target: AccountRef = Field(description="The account that gets them")
    management: AccountRef | None = Field(
        None, description="The organization's management account, for remedies that only it can apply; may be left out"
    )
    tables: tuple[TableChoice, ...] = Field(min_length=1, max_length=5000, description="What to move")
    method: SerializeAsAny[MethodOptions] = Field(description="The way to move it, with its options")
    target_table: TargetTable = Field(TargetTable(), description="How the new tables differ from their sources")
    carry_over: Literal["all"] | tuple[SettingName, ...] = Field(
        "all", description="Settings that no method moves and that ddbtui re-applies: all, or a list of names"
    )
    changes: Literal["none"] = Field("none", description="What is done about writes during the move")
    proof: Literal["counts", "digest", "off"] = Field("digest", description="How the copy is compared with its source")
    clean_up: Literal["staging", "nothing"] = Field("staging", description="What is removed at the end")
    acknowledge: tuple[GateName, ...] = Field((), description="Gates that a run without a person may pass")

    @field_validator("method", mode="before")
    @classmethod
    def _options_of_its_method(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, MethodOptions):
            return value
        known: Mapping[str, type[MethodOptions]] = (info.context or {}).get("methods", {})
        name = value.get("type") if isinstance(value, dict) else None
        if not isinstance(name, str):
            raise ValueError("needs a 'type', e.g. type: s3-import")
        if name not in known:
            raise ValueError(f"no method is called '{shown(name, 40)}'{did_you_mean(name, known)}")
        return known[name].model_validate(value, context=info.context)

    @field_validator("target")
    @classmethod
    def _two_accounts(cls, target: AccountRef, info: ValidationInfo) -> AccountRef:
        source = info.data.get("source")
        if isinstance(source, AccountRef) and source.account_id == target.account_id:
            raise ValueError("source and target are the same account; ddbtui moves tables between accounts")
        return target

    @field_validator("tables")
    @classmethod
    def _one_source_for_one_target(cls, tables: tuple[TableChoice, ...]) -> tuple[TableChoice, ...]:
        names: set[str] = set()
        taken: dict[str, str] = {}
        for table in tables:
            if table.name in names:
                raise ValueError(f"'{table.name}' is listed twice")
            names.add(table.name)
            new_name = table.target_name or table.name
            other = taken.setdefault(new_name, table.name)
            if other != table.name:
                raise ValueError(f"'{other}' and '{table.name}' would both become '{new_name}'")
        return tables

    @model_validator(mode="after")
    def _fits_its_method(self) -> Plan:
        refuse(self.method.misfits_in(self))
        return self

    @property
    def carried(self) -> tuple[str, ...]:
        """The settings to re-apply, in the order in which they must be (TTL last)."""
        return tuple(name for name in CARRY_OVER if self.carry_over == "all" or name in self.carry_over)
