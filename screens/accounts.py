"""Which accounts: a profile on each side, a region, and a role if one is needed; the management account if wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, OptionList

from ddbtui.draft import SideDraft
from ddbtui.flow import StepId
from ddbtui.plan.model import SIDES, Side
from ddbtui.screens.background import in_thread
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets.plain import failure, lines
from ddbtui.screens.widgets.side_form import SideForm


class AccountsScreen(StepScreen):
    """The first question."""

    step: ClassVar[StepId] = "accounts"
    question = "Which account has the tables, and which one gets them?"
    AUTO_FOCUS = "#source-profile"
    HELP = """Accounts

Choose a profile of your AWS config for each side (enter). "default chain" means what the AWS CLI would take: \
environment variables, SSO, an instance role.

As soon as a profile and a region stand, AWS is asked whose credentials these are (sts:GetCallerIdentity). The account \
id that it names is pinned: from then on the wizard and the saved plan refuse any other account.

If the account is reached through a role, give its ARN. An external id is a secret: name the environment variable that \
holds it, it is never written into a plan.

F6 adds a third account, or takes it away again: the management account of your AWS organization. Only it can switch \
on cross-account backup, which the method backup needs; with it the wizard offers to do so. Without it the exact \
command is shown.

Nothing is changed in any account here."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "check_again", "Check again", id="accounts.check"),
        Binding("f6", "management", "Management account", id="accounts.management"),
    ]

    def body(self) -> ComposeResult:
        """The sides, beside each other."""
        with Horizontal(classes="sides"):
            for side in SIDES:
                form = SideForm(side, self.session.draft.side(side))
                form.display = side in self.session.draft.sides
                yield form

    def on_mount(self) -> None:
        """Read the profiles, and check what a loaded plan names."""
        self._load_profiles()
        for side in SIDES:
            self._show(side)
        for side in self.session.draft.sides:
            if self.session.draft.side(side).chosen and not self.session.draft.side(side).verified:
                self.start_check(side, 0)

    @work(group="profiles", exclusive=True, exit_on_error=False)
    async def _load_profiles(self) -> None:
        if self.session.profile_list is None:
            try:
                self.session.profile_list = await in_thread(self.session.service.profiles)
            except Exception as error:
                self.say(failure(error))
                self.session.profile_list = []
        for form in self.query(SideForm):
            form.set_profiles(self.session.profile_list, self.session.draft.side(form.side))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A profile was chosen."""
        form = event.option_list.query_ancestor(SideForm)
        name, before = form.profile_at(event.option_index), self.session.draft.side(form.side).profile
        region = self._region_of(name)
        if region and form.value("region") in ("", self._region_of(before)):  # not one that was typed
            form.set_value("region", region)
        self._take(form, SideDraft(profile=name, chosen=True))

    def _region_of(self, profile: str | None) -> str:
        return next((p.region or "" for p in self.session.profile_list or [] if p.name == profile), "")

    def on_input_changed(self, event: Input.Changed) -> None:
        """A field changed: the account must be checked again, once the typing rests."""
        form = event.input.query_ancestor(SideForm)
        draft = self.session.draft.side(form.side)
        if draft.chosen:
            self._take(form, draft)
        else:
            self._store(form, draft)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field goes to the next."""
        self.focus_next()

    def _store(self, form: SideForm, draft: SideDraft) -> bool:
        """Put a form into the draft; returns whether something changed."""
        before = self.session.draft.side(form.side)
        draft = replace(
            draft,
            aws_region=form.value("region"),
            role_arn=form.value("role_arn"),
            external_id_env=form.value("external_id_env"),
            session_name=form.value("session_name"),
        )
        same = replace(draft, pin=before.pin, verified=before.verified) == before
        if same:
            return False
        moved = replace(draft, aws_region=before.aws_region, pin=before.pin, verified=before.verified) == before
        draft = replace(draft, pin=before.pin if moved else "", verified=False)
        self.session.account_errors.pop(form.side, None)
        self.session.endpoints.pop(form.side, None)
        self.session.update(self.session.draft.with_side(form.side, draft))
        return True

    def _take(self, form: SideForm, draft: SideDraft) -> None:
        if self._store(form, draft) or (not self.session.draft.side(form.side).verified):
            self.start_check(form.side, 0.4)
        self._show(form.side)
        self.refresh_frame()

    def start_check(self, side: Side, delay: float) -> None:
        """Ask AWS who is behind a side; a later call replaces an earlier one."""
        self.run_worker(self._check(side, delay), group=f"check-{side}", exclusive=True, exit_on_error=False)

    async def _check(self, side: Side, delay: float) -> None:
        import asyncio

        draft = self.session.draft.side(side)
        if draft.problems(side):
            self._show(side)
            return
        form = self._form(side)
        await asyncio.sleep(delay)
        form.busy = True
        self._show(side)
        try:
            identity, endpoint = await in_thread(lambda: self.session.identify(side, draft))
        except Exception as error:
            self.session.account_errors[side] = error
        else:
            self.session.identified(side, identity, endpoint)
        form.busy = False
        for each in SIDES:
            self._show(each)
        self.refresh_frame()

    def _show(self, side: Side) -> None:
        """Say how a side stands."""
        form = self._form(side)
        form.mark(self.session.draft.side(side))
        form.show_status(self._status(side))

    def _status(self, side: Side) -> Content:
        draft, form = self.session.draft.side(side), self._form(side)
        error = self.session.account_errors.get(side)
        found = draft.problems(side)
        if form.busy:
            return Content.assemble(("▸ ", "$text-accent"), "asking AWS who this is …")
        if error:
            return lines(failure(error), Content.assemble(("f5 checks again", "$text-muted")))
        if found:
            return Content.assemble(("· ", "$text-muted"), found[0].text)
        if not draft.verified:
            return Content.assemble(("· ", "$text-muted"), "not checked yet")
        if self._on_both_sides(side):
            return Content.assemble(
                ("✗ ", "bold $text-error"),
                f"account {draft.pin} is on both sides; choose another account here or there",
            )
        identity = self.session.identities.get(side)
        who = identity.arn if identity else ""
        return Content.assemble(("✓ ", "$text-success"), ("account ", ""), (draft.pin, "bold"), f"\n{who}")

    def _form(self, side: Side) -> SideForm:
        return self.query_one(f"#form-{side}", SideForm)

    def _on_both_sides(self, side: Side) -> bool:
        """Whether source and target are one account; the management account may be either of them."""
        others: dict[Side, Side] = {"source": "target", "target": "source"}
        if side not in others:
            return False
        draft, other = self.session.draft.side(side), self.session.draft.side(others[side])
        return other.verified and other.pin == draft.pin

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The third form waits, too: the focus of a screen that is just coming up would go from it to the source."""
        if action == "management":
            return True if self.armed else None
        return super().check_action(action, parameters)

    def action_check_again(self) -> None:
        """Ask AWS about all sides again."""
        for side in self.session.draft.sides:
            self.start_check(side, 0)

    async def action_next(self) -> None:
        """Go on, but not past a third form that was opened and not answered."""
        if self.armed and self._form("management").display and not self.session.draft.management.chosen:
            self.say("✗ choose a profile for the management account, or take its form away (f6)")
            self.focus_for("management-profile")
            return
        await super().action_next()

    def action_management(self) -> None:
        """Show the form of the management account, or take that account out of the answers."""
        form = self._form("management")
        form.display = not form.display
        self.say("")
        if form.display:
            form.query_one(OptionList).focus()
            return
        self.workers.cancel_group(self, "check-management")
        form.busy = False
        self.session.account_errors.pop("management", None)
        self.session.endpoints.pop("management", None)
        self.session.update(self.session.draft.with_side("management", SideDraft()))
        self._show("management")
        self._form("source").query_one(OptionList).focus()
        self.refresh_frame()
