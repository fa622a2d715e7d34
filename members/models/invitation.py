"""Invitations by mail: the reader of the address's mail joins with an account of their own."""

import datetime
import secrets
from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import mail, values
from members.actors import Actor
from members.keys import key_of
from members.models import audit
from members.models import invitation_refusals as refusals
from members.models.account import Account
from members.models.audit import Event
from members.models.member.member import Member
from members.models.member.refusals import AlreadyMember
from members.models.member.roles import Role
from members.models.organization import Organization
from members.models.team import Team
from members.models.team_rules.brought import Gives
from members.models.team_rules.rule import TeamRule
from members.pruning import delete_in_steps
from members.sealing import hash_of

OPEN_FOR = datetime.timedelta(days=7)
# Time on the list after it has run out, so that it can be sent again.
LISTED_FOR = datetime.timedelta(days=30)
MAX_OPEN = 100
MAX_MAILS_AN_HOUR = 20
MAILED_AGAIN_AFTER = datetime.timedelta(minutes=1)


class InvitationManager(models.Manager["Invitation"]):
    def open(self) -> "models.QuerySet[Invitation]":
        return self.filter(expires_at__gt=timezone.now())

    def with_secret(self, secret: str) -> "Invitation | None":
        """The open invitation with this secret, as long as its inviter may still invite."""
        found = self.open().filter(token_hash=hash_of(secret)).select_related("organization", "invited_by__account")
        invitation = found.first()
        return invitation if invitation and invitation.is_backed else None

    def invite(self, inviter: Member, email: str, *, role: Role, teams: Iterable[Team] = (), by: Actor) -> "Invitation":
        """Mail a link. Whether the address has an account elsewhere makes no difference that the inviter could see.

        Raises MayNotInvite, InvitedAlready, AlreadyMember, NoInvitationsInSandbox, TooManyInvitations, TooManyMails.
        """
        organization = inviter.organization
        email = values.nulab_address(email)
        with organization.locked():
            teams = list(teams)
            _require_right(inviter, role, [team.pk for team in teams])
            if organization.is_sandbox:
                raise refusals.NoInvitationsInSandbox
            key = key_of(email)
            if member := organization.members.with_address(email).first():
                raise AlreadyMember(member=member.account.name)
            mine = self.filter(organization=organization)
            mine.filter(email_key=key, expires_at__lte=timezone.now()).delete()
            if mine.filter(email_key=key).exists():
                raise refusals.InvitedAlready(email=email)
            if mine.filter(expires_at__gt=timezone.now()).count() >= MAX_OPEN:
                raise refusals.TooManyInvitations(most=MAX_OPEN)
            invitation = Invitation(
                organization=organization, email=email, email_key=key, role=role, invited_by=inviter,
                inviter=inviter.account.name,
            )  # fmt: skip
            invitation._mail_new_link()
            invitation.save(force_insert=True)
            invitation.teams.set(teams)
            names = sorted(team.name for team in teams)
            audit.record(
                Event.INVITATION_SENT, organization, by=by, subject=email,
                changes={"role": ["", role.value], **({"team": ["", names]} if names else {})},
            )  # fmt: skip
        return invitation


class Invitation(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="invitations")
    email = models.CharField(_("email"), max_length=values.MAX_ADDRESS)
    email_key = models.CharField(max_length=values.MAX_KEY)
    role = models.CharField(_("role"), max_length=5, choices=Role)
    teams = models.ManyToManyField(Team, related_name="+")
    # Hash of the link's secret, which only its reader knows.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The name outlives the inviter, who is known while still a member.
    inviter = models.CharField(max_length=values.MAX_FULL_NAME)
    invited_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    mailed_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects: ClassVar[InvitationManager] = InvitationManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "email_key"], name="invited_once")]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return self.expires_at > timezone.now()

    @property
    def is_backed(self) -> bool:
        """Its inviter is here and may still invite to this role."""
        teams = self.teams.values_list("pk", flat=True)
        return self.invited_by is not None and _may_invite(self.invited_by, Role(self.role), teams)

    def account(self) -> Account | None:
        """The account that has the address today, or None."""
        return Account.objects.with_address(self.email)

    @property
    def role_given(self) -> Role:
        """The role that accepting gives: Member at most to an account that another organization may switch off."""
        account, role = self.account(), Role(self.role)
        return Role.USER if account and account.is_managed and role == Role.ADMIN else role

    def why_not_resent(self) -> refusals.InviterLeft | None:
        """The refusal that resend() would raise now, or None."""
        return None if self.is_backed else refusals.InviterLeft(inviter=self.inviter)

    def resend(self, *, by: Actor) -> None:
        """A new link for another seven days; the former one is void. Raises InviterLeft, TooSoon, TooManyMails."""
        with self.organization.locked(self):
            if reason := self.why_not_resent():
                raise reason
            if timezone.now() - self.mailed_at < MAILED_AGAIN_AFTER:
                raise refusals.TooSoon(email=self.email)
            self._mail_new_link()
            self.save(update_fields=["token_hash", "mailed_at", "expires_at"])
            audit.record(Event.INVITATION_RESENT, self.organization, by=by, subject=self.email)

    def withdraw(self, *, by: Actor) -> None:
        with self.organization.locked():
            self._end(by)

    def lose_inviter(self, *, by: Actor) -> None:
        """Note that the inviter has left or may not invite to this role any more. Called within that change."""
        self._end(by, {"inviter": [self.inviter, ""]})

    def _end(self, by: Actor, changes: dict[str, list[Any]] | None = None) -> None:
        if Invitation.objects.filter(pk=self.pk).delete()[0]:
            audit.record(Event.INVITATION_WITHDRAWN, self.organization, by=by, subject=self.email, changes=changes)

    def accept(self, account: Account, *, by: Actor) -> Member:
        """The owner of the address joins. Raises InvitationIsOver, AlreadyMember."""
        with self.organization.locked():
            # Locked, because an inviter who is put out elsewhere withdraws it without this organization's lock.
            found = Invitation.objects.open().filter(pk=self.pk, token_hash=self.token_hash)
            kept = found.select_for_update(of=("self",)).select_related("invited_by__account").first()
            if kept is None or not kept.is_backed or self.account() != account:
                raise refusals.InvitationIsOver
            role = kept.role_given
            member = Member.objects.add(self.organization, account, role=role, by=by)
            for team in kept.teams.select_related("organization").order_by("pk"):
                team.add(member, by=by)
            audit.record(
                Event.INVITATION_ACCEPTED, self.organization, by=by, member=member,
                changes={"role": ["", role.value]},
            )  # fmt: skip
            kept.delete()
        return member

    @staticmethod
    def prune() -> int:
        return delete_in_steps(Invitation.objects.filter(expires_at__lt=timezone.now() - LISTED_FOR))

    def _mail_new_link(self) -> None:
        """Raises TooManyMails. The caller saves and records."""
        now = timezone.now()
        mails = self.organization.audit.filter(
            event__in=[Event.INVITATION_SENT, Event.INVITATION_RESENT], at__gt=now - datetime.timedelta(hours=1)
        )
        if mails.count() >= MAX_MAILS_AN_HOUR:
            raise refusals.TooManyMails(most=MAX_MAILS_AN_HOUR)
        secret = secrets.token_urlsafe(32)
        self.token_hash, self.mailed_at, self.expires_at = hash_of(secret), now, now + OPEN_FOR
        link = f"{settings.BASE_URL}{reverse('invitation', args=[secret])}"
        # Language of the reader, or failing that of the inviter.
        writer = self.invited_by.account if self.invited_by else None
        account = self.account()
        mail.to_address(
            self.email, account or writer, "invitation", greet=account,
            organization=self.organization, invitation=self, link=link,
        )  # fmt: skip


def _require_right(inviter: Member, role: Role, teams: Collection[int]) -> None:
    fresh = inviter.organization.members.active().filter(pk=inviter.pk).first()
    if fresh is None or not _may_invite(fresh, role, ()):
        raise refusals.MayNotInvite
    if not _may_invite(fresh, role, teams):
        raise refusals.TeamMakesAdministrators


def _may_invite(inviter: Member, role: Role, teams: "Collection[int] | models.QuerySet[Team, int]") -> bool:
    """Whether the member may invite to this role: administrators to any, with the privilege to Member and Guest, and
    into no team whose rules would make it more.
    """
    if inviter.is_administrator or not inviter.may_invite():
        return inviter.is_administrator
    return role != Role.ADMIN and not TeamRule.objects.filter(gives=Gives.ADMIN, team__in=teams).exists()
