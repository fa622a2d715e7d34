"""An account's place in one organization, and the two ways to get one."""

from typing import ClassVar

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import mail, values
from members.actors import Actor
from members.keys import key_of
from members.models import audit
from members.models.account import Account
from members.models.audit import Event
from members.models.licence import Product, licence_changes
from members.models.member import before_creation, refusals
from members.models.member.activation import ActivationVerbs
from members.models.member.departure import DepartureVerbs
from members.models.member.keeper import TypeVerbs
from members.models.member.profile import Profile, ProfileVerbs, is_split, profile_fields
from members.models.member.roles import Role
from members.models.member.synchronization import Synchronization
from members.models.organization import Headcount, Organization
from members.models.team_rules.brought import GIVEN
from members.models.work import guarded, hold, pending
from members.statements import new

__all__ = ["Member", "Role"]


class MemberQuerySet(models.QuerySet["Member"]):
    def active(self) -> "MemberQuerySet":
        return self.filter(account__is_active=True)

    def with_address(self, address: str) -> "MemberQuerySet":
        """The member with this userName or Email, without regard to case: at most one."""
        key = key_of(address)
        return self.filter(Q(user_name_key=key) | Q(email_key=key))

    def administrators(self) -> "MemberQuerySet":
        """The active ones: who can open Organization Settings."""
        return self.active().filter(role=Role.ADMIN)

    def emergency(self) -> "MemberQuerySet":
        """Administrators who get in without the IdP: a Nulab Account, and a password that they have set."""
        return (
            self.administrators()
            .filter(account__type=Account.Type.NULAB)
            .exclude(account__password__startswith=UNUSABLE_PASSWORD_PREFIX)
        )

    def licensed_for(self, product: Product) -> "MemberQuerySet":
        return self.filter(**{product.holder_field: True})

    def managed_here(self) -> "MemberQuerySet":
        return self.filter(account__managed_by=models.F("organization"))


_MemberManager = models.Manager.from_queryset(MemberQuerySet)


class MemberManager(_MemberManager["Member"]):
    def create_managed(
        self,
        organization: Organization,
        profile: Profile,
        *,
        by: Actor,
        role: Role | None = None,
        unique_id: str | None = None,
        external_id: str | None = None,
        is_active: bool = True,
        ahead: before_creation.Ahead | None = None,
    ) -> "Member":
        """A new Managed Account and its place here, as a Guest without a role; by the IdP, a Provision Managed one.

        `ahead` is what has been asked before. Raises an InvalidValue, a Taken, NoFreeLicence, NoSubscription.
        """
        with organization.locked():
            provisioned = by.is_identity_provider
            asked = before_creation.ask(organization, profile, unique_id, ahead)
            account = new(
                Account,
                id=asked.account_key,
                type=Account.Type.PROVISIONED if provisioned else Account.Type.MANAGED,
                managed_by=organization,
                scope=organization.scope,
                is_active=is_active,
            )
            account.name_is_split = is_split(account, profile, by)
            complete: Profile = {"user_name": "", "email": None, "language": "en", **profile}
            for field, value in profile_fields(complete, organization, "", asked.domains).items():
                setattr(account, field, value)
            account.set_unusable_password()
            asked.require_free(account)
            asked.require_verified(account)
            account.insert(at=organization)
            member = self._place(organization, account, role or Role.GUEST, unique_id, external_id, asked)
            member.role_is_sent = provisioned and role is not None
            hold(member)
            member.take_pass()
            pending().insert(member)
            if provisioned:
                Synchronization.at_first(member, timezone.now())
            row = audit.record(
                Event.ACCOUNT_CREATED, organization, by=by, member=member,
                changes={
                    "user_name": ["", account.user_name], "email": ["", account.email], "name": ["", account.name],
                    "role": ["", member.role], "active": ["", is_active], **licence_changes(after=member.licences),
                },
            )  # fmt: skip
            if member.is_administrator:
                mail.to_all_administrators(row, "members")
            Headcount.shift([organization.pk], 1, active=int(is_active))
        return member

    def add(self, organization: Organization, account: Account, *, role: Role, by: Actor) -> "Member":
        """A member for an account that exists. Raises AlreadyMember, AtMostMember, ReservedForSandbox.

        Account.DoesNotExist when it has gone meanwhile.
        """
        with organization.locked():
            # The organization that manages it may be deleting it now.
            account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
            if organization.members.filter(account=account).exists():
                raise refusals.AlreadyMember(member=account.name)
            if account.is_managed and role == Role.ADMIN:
                raise refusals.AtMostMember(member=account.name)
            if organization.is_sandbox:
                if account.is_managed or role != Role.ADMIN:
                    raise refusals.ReservedForSandbox
                account.claim_addresses({organization.scope}, at=organization)
            member = self._place(organization, account, role, None, None)
            member.save(force_insert=True)
            row = audit.record(
                Event.MEMBER_ADDED, organization, by=by, member=member, changes={"role": ["", role.value]}
            )
            if member.is_administrator and member.others().filter(role=Role.ADMIN).exists():
                mail.to_all_administrators(row, "members")
            Headcount.shift([organization.pk], 1, active=int(account.is_active))
        return member

    def _place(
        self,
        organization: Organization,
        account: Account,
        role: Role,
        unique_id: str | None,
        external_id: str | None,
        asked: before_creation.Asked | None = None,
    ) -> "Member":
        """The row, not yet written, with a Unique ID that is free here."""
        external_id = values.text("externalId", external_id or "") or None
        handle = values.unique_id(unique_id) if unique_id else values.unique_id_from(account.user_name)
        now = timezone.now()
        member = new(
            Member, organization=organization, account=account, role=role, external_id=external_id,
            created_at=now, modified_at=now,
            unique_id=handle, unique_id_is_chosen=bool(unique_id),
        )  # fmt: skip
        if asked:
            member.pk = asked.member_key
            member.know(asked.known)
        if asked is None or asked.is_handle_taken:
            with guarded():
                member.unique_id = self._free_handle(member)
        member.unique_id_key = key_of(member.unique_id)
        member.copy_from_account()
        return member

    def _free_handle(self, member: "Member") -> str:
        """The wanted handle; one like it that is free, if nobody has chosen it. Raises UniqueIdTaken."""
        handle = member.unique_id
        wanted = [handle, *(f"{handle}{number}" for number in range(2, 40) if not member.unique_id_is_chosen)]
        neighbours = member.organization.members.filter(unique_id_key__in=[key_of(handle) for handle in wanted])
        taken = {neighbour.unique_id_key: neighbour for neighbour in neighbours.select_related("account")}
        free = next((handle for handle in wanted if key_of(handle) not in taken), None)
        if free is None and member.unique_id_is_chosen:
            raise refusals.UniqueIdTaken(unique_id=handle, member=taken[key_of(handle)].account.name)
        return free or f"{handle[:39]}-{member.scim_id[:8]}"


class Member(ProfileVerbs, ActivationVerbs, DepartureVerbs, TypeVerbs):
    objects: ClassVar[MemberManager] = MemberManager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["organization", "account"], name="member_once_an_organization"),
            models.UniqueConstraint(fields=["organization", "unique_id_key"], name="member_unique_id"),
        ]
        # Indexes that the organization leads; none on it alone, which the planner would prefer, and sort. None has a
        # column that changes daily (decision 24), and PostgreSQL has one more, `member_runs` (finding.py).
        indexes = [
            models.Index(fields=["organization", "id"], name="member_in_order"),
            models.Index(fields=["organization", "user_name_key", "id"], name="member_user_name"),
            models.Index(fields=["organization", "email_key", "id"], name="member_email"),
            models.Index(fields=["organization", "external_id", "id"], name="member_by_external_id"),
            models.Index(fields=["organization", "name_order", "id"], name="member_by_name"),
            models.Index(fields=["organization", "role", "name_order", "id"], name="member_by_role"),
            models.Index(fields=["organization"], name="member_plan_admins", condition=Q(is_plan_admin=True)),
            *(
                models.Index(
                    fields=["organization", "name_order", "id"],
                    name=f"member_{product.value}_holders",
                    condition=Q(**{product.holder_field: True}),
                )
                for product in GIVEN
            ),
            *(
                models.Index(
                    fields=["organization", "id"],
                    name=f"member_{product.value}_by_rule",
                    condition=Q(**{f"{product.value}_by_rule": True}),
                )
                for product in GIVEN
            ),
            models.Index(
                fields=["organization", "id"], name="member_role_by_rule", condition=Q(role_without_rules__isnull=False)
            ),
        ]
