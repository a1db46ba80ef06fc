"""Both accounts, always in sight: profile, account id and region, and whether this is AWS at all."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from ddbtui.plan.model import SIDES, Side
from ddbtui.screens.session import Session
from ddbtui.screens.widgets.plain import Plain
from ddbtui.text import shown


class AccountsBar(Vertical):
    """A line for each side, and a banner when an endpoint is not AWS's."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        """Build the lines."""
        for side in SIDES:
            line = Plain(self._line(side), classes=f"bar-{side}")
            line.display = side in self._session.draft.sides
            yield line
        banner = Plain(self._banner(), classes="bar-banner")
        banner.display = bool(self._session.endpoints)
        yield banner

    def update_lines(self) -> None:
        """Show what is known now."""
        if not self.is_attached or not self.query(Plain):
            return
        for side in SIDES:
            line = self.query_one(f".bar-{side}", Plain)
            line.update(self._line(side))
            line.display = side in self._session.draft.sides
        banner = self.query_one(".bar-banner", Plain)
        banner.update(self._banner())
        banner.display = bool(self._session.endpoints)

    def _line(self, side: Side) -> Content:
        draft = self._session.draft.side(side)
        if not draft.chosen:
            return Content.assemble((f"{side}  ", "bold"), ("not chosen yet", "$text-muted"))
        profile = shown(draft.profile, 30) if draft.profile else "default chain"
        role = f" ⇒ {shown(draft.role_arn.rpartition('/')[2], 24)}" if draft.role_arn else ""
        account = draft.pin or "account ?"
        sign = "✓" if draft.verified else "?"
        return Content.assemble(
            (f"{side}  ", "bold"), f"{profile}{role}  ", (account, "bold"), f" {sign}  {shown(draft.aws_region, 20)}"
        )

    def _banner(self) -> Content:
        said = ", ".join(f"{side} endpoint {shown(url, 60)}" for side, url in sorted(self._session.endpoints.items()))
        urls = set(self._session.endpoints.values())
        if len(self._session.endpoints) >= 2 and len(urls) == 1:
            said = f"endpoint {shown(urls.pop(), 60)}"
        return Content(f" {said} — not AWS ")
