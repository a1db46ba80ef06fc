"""One account: its profile, region and role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ddbtui.draft import SideDraft
from ddbtui.plan.model import Side
from ddbtui.screens.widgets.plain import Plain
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.aws.profiles import Profile

FIELDS = (
    ("region", "Region", "e.g. eu-west-1"),
    ("role_arn", "Role ARN", "only to assume a role"),
    ("external_id_env", "Ext. id in", "environment variable"),
    ("session_name", "Session", "role session name"),
)


class SideForm(Vertical):
    """The fields of one side.

    Args:
        side: source, target or management.
        draft: what stands in them at first.
    """

    def __init__(self, side: Side, draft: SideDraft) -> None:
        super().__init__(id=f"form-{side}")
        self.side: Side = side
        self.busy = False
        self._draft = draft
        self._profiles: list[str | None] = []
        self._details: list[str] = []
        self.border_title = side.capitalize()

    def compose(self) -> ComposeResult:
        """Profiles, fields, and how it stands."""
        yield OptionList(id=f"{self.side}-profile", markup=False, compact=True)
        values = (self._draft.aws_region, self._draft.role_arn, self._draft.external_id_env, self._draft.session_name)
        for (name, label, hint), value in zip(FIELDS, values, strict=True):
            with Horizontal(classes="field"):
                yield Plain(label, classes="label")
                yield Input(value, placeholder=hint, id=f"{self.side}-{name}", compact=True)
        with VerticalScroll(classes="status", can_focus=False):
            yield Plain("", classes="status-text")

    def set_profiles(self, profiles: Sequence[Profile], draft: SideDraft) -> None:
        """List the profiles, the chosen one under the cursor."""
        self._profiles = [None, *(profile.name for profile in profiles)]
        self._details = ["as the AWS CLI", *(f"{p.region}, {p.detail}" if p.region else p.detail for p in profiles)]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._prompt(row, draft)) for row in range(len(self._profiles))])
        here = self._profiles.index(draft.profile) if draft.profile in self._profiles else 0
        options.highlighted = here if draft.chosen else min(1, len(self._profiles) - 1)

    def mark(self, draft: SideDraft) -> None:
        """Show which profile is chosen."""
        options = self.query_one(OptionList)
        for row in range(options.option_count):
            options.replace_option_prompt_at_index(row, self._prompt(row, draft))

    def profile_at(self, index: int) -> str | None:
        """The profile of that row; None is the default chain."""
        return self._profiles[index]

    def value(self, field: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{self.side}-{field}", Input).value.strip()

    def set_value(self, field: str, value: str) -> None:
        """Fill a field."""
        self.query_one(f"#{self.side}-{field}", Input).value = value

    def show_status(self, text: Content) -> None:
        """Say how it stands. The longer that is, the less room have the profiles: the chosen one stays in sight."""
        self.query_one(".status-text", Plain).update(text)
        self.call_after_refresh(self.query_one(OptionList).scroll_to_highlight)

    def _prompt(self, row: int, draft: SideDraft) -> Content:
        name = self._profiles[row]
        sign = "●" if draft.chosen and name == draft.profile else " "
        label = "default chain" if name is None else shown(name, 40)
        return Content(f"{sign} {label}  {shown(self._details[row], 60)}")
