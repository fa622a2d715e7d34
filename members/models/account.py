"""A person who can sign in, and the addresses that nobody else may have."""

import datetime
import secrets
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import values
from members.actors import Actor
from members.keys import key_of
from members.models import account_refusals as refusals
from members.models import audit, security
from members.models.address import SITE, Address, Owner
from members.models.audit import Event
from members.models.changing import changing
from members.models.work import pending
from members.refusals import Taken
from members.statements import chosen, new, table_of

if TYPE_CHECKING:
    from members.models.member.member import Member
    from members.models.member.profile import Profile
    from members.models.organization import Organization

NAME_PARTS = ("display_name", "formatted_name", "given_name", "family_name")
# Columns that `name_yourself` writes.
NAME_COLUMNS = ("name", "name_key", "given_name", "given_name_key", "family_name", "family_name_key")
# Accounts made before this day lack what provisioning needs until Update has been chosen for them.
UP_TO_DATE_SINCE = datetime.datetime(2023, 1, 16, tzinfo=datetime.UTC)


class AccountManager(BaseUserManager["Account"]):
    def register_nulab(
        self, *, email: str, name: str, password: str | None = None, language: str = "en", time_zone: str = "UTC"
    ) -> "Account":
        """A Nulab Account; without a password its owner sets one by a mailed link. Raises AddressTaken."""
        email = values.nulab_address(email)
        account = Account(
            type=Account.Type.NULAB,
            user_name=email,
            email=email,
            display_name=values.text("name", name, values.MAX_NAME),
            name_is_split=True,
            language=values.language(language),
            time_zone=values.time_zone(time_zone),
        )
        account.set_password(password)
        with changing():
            account.insert()
        return account

    def with_address(self, address: str) -> "Account | None":
        """The account with this address on the site, a sandbox's invented people left out."""
        found = Address.objects.filter(scope=SITE, key=key_of(address)).select_related("account__managed_by").first()
        return found.account if found else None

    def get_by_natural_key(self, username: str | None) -> "Account":
        account = self.with_address(username or "")
        if account is None:
            raise Account.DoesNotExist
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    class Type(models.TextChoices):
        NULAB = "nulab", _("Nulab Account")
        MANAGED = "managed", _("Managed")
        PROVISIONED = "provisioned", _("Provision Managed")

    class Theme(models.TextChoices):
        SYSTEM = "auto", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    type = models.CharField(_("account type"), max_length=12, choices=Type, default=Type.NULAB)
    managed_by = models.ForeignKey(
        "members.Organization", models.PROTECT, null=True, blank=True, related_name="managed_accounts"
    )
    # 0 for the site, a sandbox's id for its invented people: see Address.
    scope = models.BigIntegerField(default=SITE, editable=False)
    user_name = models.CharField(_("user name"), max_length=values.MAX_TEXT)
    email = models.CharField(_("email"), max_length=values.MAX_ADDRESS, blank=True)
    # Until the IdP sends an e-mail address, the userName is it.
    email_follows_user_name = models.BooleanField(default=True)
    display_name = models.CharField(max_length=values.MAX_NAME, blank=True)
    formatted_name = models.CharField(max_length=values.MAX_NAME, blank=True)
    given_name = models.CharField(max_length=values.MAX_NAME, blank=True)
    family_name = models.CharField(max_length=values.MAX_NAME, blank=True)
    # Keys of the names, to be compared without case (SCIM filters).
    display_name_key = models.CharField(max_length=values.MAX_NAME_KEY, blank=True, editable=False)
    formatted_name_key = models.CharField(max_length=values.MAX_NAME_KEY, blank=True, editable=False)
    given_name_key = models.CharField(max_length=values.MAX_NAME_KEY, blank=True, editable=False)
    family_name_key = models.CharField(max_length=values.MAX_NAME_KEY, blank=True, editable=False)
    # Name for people, made of the four above; kept so that lists can be sorted and searched by it.
    name = models.CharField(_("name"), max_length=values.MAX_FULL_NAME)
    name_key = models.CharField(max_length=2 * values.MAX_NAME_KEY + 1, editable=False)
    # Given and family name are made of the name, as long as no IdP has sent a part of it.
    name_is_split = models.BooleanField(default=False, db_default=False, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=[("en", _("English")), ("ja", _("Japanese"))])
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # Texts as the IdP has sent them, to be answered so. None: not sent, the two above are answered. "": removed.
    preferred_language = models.CharField(max_length=values.MAX_TEXT, null=True, blank=True, editable=False)
    locale = models.CharField(max_length=values.MAX_TEXT, null=True, blank=True, editable=False)
    time_zone_as_sent = models.CharField(max_length=values.MAX_TEXT, null=True, blank=True, editable=False)
    # Type of the e-mail address, as the IdP sent it.
    email_type = models.CharField(max_length=values.MAX_TEXT, default="work", db_default="work", editable=False)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("support staff"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    brought_up_to_date_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "user_name"
    EMAIL_FIELD = "email"

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                name="account_managed_by_its_type",
                condition=Q(type="nulab", managed_by__isnull=True, scope=SITE)
                | (~Q(type="nulab") & Q(managed_by__isnull=False)),
            ),
            models.CheckConstraint(name="account_language", condition=Q(language__in=values.LANGUAGES)),
            models.CheckConstraint(name="account_user_name", condition=~Q(user_name="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.user_name})"

    def set_unusable_password(self) -> None:
        """Set a password that nothing matches, by chance as long as Django's, which chooses its letters one by one."""
        self.password = UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)

    @property
    def is_managed(self) -> bool:
        return self.type != Account.Type.NULAB

    @property
    def is_up_to_date(self) -> bool:
        return self.created_at >= UP_TO_DATE_SINCE or self.brought_up_to_date_at is not None

    def places(self) -> "list[Member]":
        """Its members, in the order of their organizations, in which everybody locks and counts them."""
        return list(self.memberships.select_related("organization").order_by("organization_id"))

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def name_yourself(self) -> None:
        """Set the name: displayName, else formatted, else given and family name, else the local part.

        Where nobody has sent the parts, they are made of the name: programs that import people need both.
        """
        self.name = (
            self.display_name
            or self.formatted_name
            or (not self.name_is_split and f"{self.given_name} {self.family_name}".strip())
            or self.user_name.rpartition("@")[0]
            or self.user_name
        )
        if self.name_is_split:
            self.given_name, self.family_name = values.parts_of(self.name)
        self.name_key = key_of(self.name)
        for part in NAME_PARTS:
            setattr(self, f"{part}_key", key_of(getattr(self, part)))

    def prefer(
        self, *, by: Actor, language: str | None = None, theme: str | None = None, time_zone: str | None = None
    ) -> None:
        """Set the owner's language, time zone and theme; None leaves one as it is.

        Language and time zone are on the SCIM wire, so a Managed Account's go the way of all its fields.
        """
        wanted = {
            "language": language and values.language(language),
            "time_zone": time_zone and values.time_zone(time_zone),
        }
        changes = {name: value for name, value in wanted.items() if value and value != getattr(self, name)}
        with changing():
            place = self.memberships.filter(organization=self.managed_by).first() if self.managed_by_id else None
            if changes and place:
                place.change_profile(cast("Profile", changes), by=by)
            elif changes:
                self._write_preferences(changes, by)
            # Last, because the organization is locked before the account.
            if theme in Account.Theme.values and theme != self.theme:
                self.theme = theme
                self.save(update_fields=["theme"])
        for name, value in changes.items():
            setattr(self, name, value)

    def _write_preferences(self, wanted: dict[str, str], by: Actor) -> None:
        """Write the preferences and record them in every organization that has the account."""
        with changing(rows=[self]):
            changes: dict[str, list[Any]] = {name: [getattr(self, name), value] for name, value in wanted.items()}
            Account.objects.filter(pk=self.pk).update(**wanted)
            self.memberships.update(modified_at=timezone.now())
            for place in self.places():
                audit.record(Event.ACCOUNT_CHANGED, place.organization, by=by, member=place, changes=changes)

    def choose_password(self, password: str, *, by: Actor, keep: str = "", proof: str = "") -> None:
        """Set the password of a Nulab Account, which ends all sessions but the one with the key `keep`.

        `proof` stands for the former password in the audit log. Raises HasNoPassword, and PasswordChanged where the
        former one, which a link or its owner has proved, is no longer that of the account as it was read.
        """
        former = self.password
        with changing(rows=[self]):
            # The account may just have been deactivated, or become a Managed Account.
            if self.is_managed or not self.is_active:
                raise refusals.HasNoPassword
            # Of two that use the same link at once, the second finds it used.
            if self.password != former:
                raise refusals.PasswordChanged
            self.set_password(password)
            self.save(update_fields=["password"])
            changes = {"proof": ["", proof]} if proof else {}
            security.changed(self, Event.PASSWORD_SET, by=by, keep=keep, changes=changes)

    def read_again(self) -> list[models.Model]:
        self.refresh_from_db(from_queryset=Account.objects.select_for_update(no_key=True))
        return [self]

    def insert(self, at: "Organization | None" = None) -> None:
        """Write a new account together with its addresses; `at` is the organization that a conflict is worded for."""
        self.name_yourself()
        if self.pk:
            pending().insert(self)
        else:
            self.save(force_insert=True)
        self._take_addresses({self.scope}, at)

    def scopes(self) -> set[int]:
        """The scopes of this account's addresses: its own and every sandbox it administers."""
        if self.is_managed:
            return {self.scope}
        sandboxes = self.memberships.filter(organization__is_sandbox=True).values_list("organization_id", flat=True)
        return {self.scope, *sandboxes}

    @property
    def address_keys(self) -> set[str]:
        return {key_of(self.user_name), key_of(self.email)} - {""}

    def claim_addresses(self, scopes: set[int], at: "Organization | None" = None, former: Collection[str] = ()) -> None:
        """Take userName and Email in these scopes, and give up what it has else. Raises AddressTaken.

        The `former` keys are those that it has, where that is known.
        """
        self._take_addresses(scopes, at, former)
        (in_these, of_these), (kept, keys) = chosen("scope", scopes), chosen("key", self.address_keys)
        sql = f"DELETE FROM {table_of(Address)} WHERE account_id = %s AND {in_these} AND NOT {kept} RETURNING 1"  # noqa: S608
        pending().add(Address, sql, [self.pk, of_these, keys])

    def _take_addresses(self, scopes: set[int], at: "Organization | None", former: Collection[str] = ()) -> None:
        """Inserting what may be there, and looking who has it where it was, needs no savepoint and leaves
        no gap: the insert waits for whoever is taking the same address now, in the order of the keys.
        """
        keys = self.address_keys.difference(former)
        wanted = [new(Address, scope=scope, key=key, account=self) for scope in sorted(scopes) for key in sorted(keys)]

        def require_all(met: int) -> None:
            if met == len(wanted):
                return
            there = list(Address.objects.filter(scope__in=scopes, key__in=keys))
            for address in there:
                if address.account_id != self.pk:
                    raise self._address_refusal(address, at)
            if len(there) < len(wanted):  # somebody gave an address up between the two statements
                self._take_addresses(scopes, at, former)

        if wanted:
            pending().insert_where_free(wanted, require_all)

    @staticmethod
    def _address_refusal(taken: Address, at: "Organization | None") -> Taken:
        here = at.members.filter(account_id=taken.account_id).values_list("account__name", flat=True) if at else ()
        return Owner(taken.account_id, next(iter(here), None)).refusal
