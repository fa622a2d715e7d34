"""The adapter between members and Users: translates both ways and decides nothing."""

from functools import cached_property
from typing import Any

from members.actors import Actor
from members.fields import BY_NAME
from members.models import Member, Organization, Role
from members.models.member.before_creation import Ahead
from members.models.member.refusals import KeptOut, UniqueIdTaken
from members.models.work import current
from members.values_refusals import InvalidUniqueId
from provisioning.models import RefusedDeparture
from provisioning.scim.users.patch import UserPatch
from provisioning.scim.users.resource import UserRow, content_of, render, row_of
from provisioning.scim.users.wanted import Wanted, fields_of, from_difference
from provisioning.scim.wire.caller import Defaults
from provisioning.scim.wire.frame import Adapter
from provisioning.scim.wire.rendering import base_url


def member_model() -> type[Member]:
    return Member


class UserAdapter(Adapter):
    """A member as a SCIM User. Writes go through the verbs; `changes` and `ignored` tell what came of one."""

    obj: Member

    def __init__(self, obj: Member, request: Any = None) -> None:
        super().__init__(obj, request)
        self.changes: dict[str, list[Any]] = {}
        self.ignored: list[str] = []
        # Refusal of the activation, if an administrator has locked the person.
        self.kept_out: KeptOut | None = None

    @property
    def location(self) -> str:
        return f"{base_url(self.obj.organization.space_key)}Users/{self.obj.scim_id}"

    @cached_property
    def row(self) -> UserRow:
        """The columns, read again after a write."""
        return row_of(self.obj)

    @property
    def version(self) -> str:
        version: str = self.to_dict()["meta"]["version"]
        return version

    def to_dict(self) -> dict[str, Any]:
        return render(self.row, self._teams, base_url(self.obj.organization.space_key))

    @cached_property
    def _teams(self) -> list[tuple[str, str]]:
        """The teams, read once: no write to a User changes them."""
        return [(scim_id, name) for _, scim_id, name in self.obj.teams_of()]

    @classmethod
    def create(
        cls, organization: Organization, wanted: Wanted, *, by: Actor, defaults: Defaults, ahead: Ahead | None = None
    ) -> "UserAdapter":  # fmt: skip
        """POST: a Provision Managed account, with these defaults. Raises the refusals of the verb."""
        wanted.settle_language()
        wanted.profile.setdefault("language", defaults.language)
        wanted.profile.setdefault("time_zone", defaults.time_zone)
        member = Member.objects.create_managed(
            organization,
            wanted.profile,
            by=by,
            role=wanted.role,
            unique_id=wanted.unique_id,
            external_id=wanted.external_id,
            is_active=wanted.active is not False,
            ahead=ahead,
        )
        adapter = cls(member)
        adapter._wish_for_handle(wanted, by)
        # The wish belongs to the creation.
        member.never_changed()
        adapter.changes = {name: [None, value] for name, value in fields_of(member).items() if value not in ("", None)}
        adapter.ignored = wanted.ignored
        return adapter

    def replace(self, wanted: Wanted, *, by: Actor) -> None:
        """PUT. userName is required; absent attributes that docs/scim.md names keep their values."""
        wanted.profile.setdefault("user_name", "")
        wanted.settle_email_type(self.obj.account)
        if wanted.role == self.obj.role and self.obj.brought().role_by:
            # Clients that change what they have read send it back: then a rule's role would outlive the rule.
            wanted.role = None
        self._write(wanted, by)

    def patch(self, patch: UserPatch, *, by: Actor) -> None:
        """PATCH: all operations or none."""
        user = content_of(self.row, self._teams)
        wanted = from_difference(user, patch.apply(user), patch.named)
        if patch.sends_role and not wanted.forget_role:
            wanted.role = wanted.role or Role(self.obj.role)
        wanted.ignored = patch.ignored + wanted.ignored
        self._write(wanted, by)

    def delete(self, *, by: Actor) -> None:
        self.obj.remove(by=by)

    def _write(self, wanted: Wanted, by: Actor) -> None:
        """The verbs of the fields that differ, in one go with the mark that the IdP keeps this account.

        Called inside `member.locked()`, so a refusal of one undoes them all.
        """
        member = self.obj
        self.__dict__.pop("row", None)
        # First what others may depend on: a refusal names the person as stored, not as wished. Out before the
        # role: who is deactivated and demoted at once must not be half of it.
        if wanted.active is False:
            member.deactivate(by=by)
        if wanted.role is not None:
            member.change_role(wanted.role, by=by)
        elif wanted.forget_role:
            member.forget_role(by=by)
        wanted.settle_language(member.account)
        if wanted.profile:
            member.change_profile(wanted.profile, by=by)
        if wanted.unique_id is not None:
            member.change_unique_id(wanted.unique_id, by=by)
        elif wanted.forget_unique_id:
            member.forget_unique_id(by=by)
        self._wish_for_handle(wanted, by)
        if wanted.external_id is not None or wanted.forget_external_id:
            member.change_external_id(wanted.external_id, by=by)
        if wanted.active is True:
            self._wish_for_entry(by)
        work = current()
        recorded = work.changed(member) if work else {}
        self.changes = {field: recorded[field] for field in BY_NAME if field in recorded}
        member.mark_provisioned(by=by, has_changed=bool(self.changes))
        self.ignored = wanted.ignored

    def _wish_for_entry(self, by: Actor) -> None:
        """Reactivate. Somebody whom an administrator has locked stays out, and the rest of the request is done."""
        RefusedDeparture.forget(self.obj)
        try:
            self.obj.reactivate(by=by)
        except KeptOut as refusal:
            self.kept_out = refusal

    def _wish_for_handle(self, wanted: Wanted, by: Actor) -> None:
        """Make the nickName the Unique ID if it can be; if not, it is ignored and the person is not refused."""
        if wanted.nick_name is None:
            return
        try:
            self.obj.change_unique_id(wanted.nick_name, by=by)
        except (UniqueIdTaken, InvalidUniqueId):
            wanted.ignored.append(f"nickName: {wanted.nick_name[:60]}")
