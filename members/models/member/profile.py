"""Synchronized fields of the person: name, addresses, language, time zone, Unique ID, externalId."""

from typing import Any, TypedDict

from members import values
from members.actors import Actor
from members.fields import FIELDS
from members.keys import key_of, plain
from members.models import audit
from members.models.account import NAME_PARTS
from members.models.audit import Event
from members.models.member import refusals
from members.models.member.row import MemberRow
from members.models.work import pending
from members.values_refusals import UserNameMissing

# Columns that follow from the person's fields, and those of them that nobody sees.
UNSEEN, SPLIT = ("email_follows_user_name", "name_is_split"), ("given_name", "family_name")
# Columns that SCIM answers by others as long as the IdP has sent none.
ANSWERED = ("preferred_language", "locale", "time_zone_as_sent", "email_type")
DERIVED = ("email", "name", *UNSEEN, *SPLIT)


class Profile(TypedDict, total=False):
    user_name: str
    # None: no address of its own, it follows userName.
    email: str | None
    display_name: str
    formatted_name: str
    given_name: str
    family_name: str
    language: str
    time_zone: str
    # Texts as the IdP has sent them; None: it has not.
    preferred_language: str | None
    locale: str | None
    time_zone_as_sent: str | None
    email_type: str


# Columns of texts as the IdP has sent them -> their SCIM attributes.
AS_SENT = {field.name: field.scim for field in FIELDS if field.is_as_sent}


class ProfileVerbs(MemberRow):
    class Meta:
        abstract = True

    def change_profile(self, profile: Profile, *, by: Actor) -> None:
        """Write the fields that differ. Raises a NotEligible, AddressTaken, or an InvalidValue."""
        with self.locked():
            self.require_editable(by)
            account, former, answer = self.account, self.account.address_keys, _as_answered(self.account)
            # Fields that only follow from the chosen language, time zone or name are no change of their own.
            recorded = {*profile, *DERIVED} - {*UNSEEN}
            profile = _with_what_is_answered(profile, account)
            before = {name: getattr(account, name) for name in (*profile, *DERIVED)}
            domains = self.verified_domains() if has_address(profile) else set()
            for field, value in profile_fields(profile, self.organization, account.user_name, domains).items():
                setattr(account, field, value)
            if "user_name" in profile and account.email_follows_user_name:
                account.email = followed_email(account.user_name)
            account.name_is_split = is_split(account, profile, by)
            account.name_yourself()
            changed = [name for name, value in before.items() if getattr(account, name) != value]
            if not changed:
                return
            if set(changed) <= {*UNSEEN, *ANSWERED} and _as_answered(account) == answer:
                # Nobody can see it yet: not a change of the resource, so modified_at stays.
                pending().update(account, changed)
                return
            columns = [*changed, *(f"{name}_key" for name in changed if name in (*NAME_PARTS, "name"))]
            is_shared = self.write_account(**{name: getattr(account, name) for name in columns})
            if "user_name" in changed or "email" in changed:
                account.claim_addresses(account.scopes(), self.organization, former if account.is_managed else ())
            if account.name_is_split:
                recorded -= {*SPLIT}
            sides = {name: [before[name], getattr(account, name)] for name in changed if name not in UNSEEN}
            changes = {name: both for name, both in sides.items() if name in recorded}
            derived = {name: both for name, both in sides.items() if name not in recorded}
            audit.record(Event.ACCOUNT_CHANGED, self.organization, by=by, member=self, changes=changes, derived=derived)
            if is_shared:
                self.record_elsewhere(Event.ACCOUNT_CHANGED, changes, by=by)

    def change_unique_id(self, unique_id: str, *, by: Actor) -> None:
        """Choose the handle. Raises UniqueIdTaken, InvalidUniqueId, a NotEligible."""
        with self.locked():
            self.require_editable(by)
            if unique_id == self.unique_id and self.unique_id_is_chosen:
                return
            key = key_of(values.unique_id(unique_id))
            owner = self.organization.members.filter(unique_id_key=key).exclude(pk=self.pk).first()
            if owner:
                raise refusals.UniqueIdTaken(unique_id=unique_id, member=owner.account.name)
            before = {"unique_id": self.unique_id, "unique_id_is_chosen": self.unique_id_is_chosen}
            self.write(unique_id=unique_id, unique_id_key=key, unique_id_is_chosen=True)
            audit.record(
                Event.ACCOUNT_CHANGED, self.organization, by=by, member=self,
                changes={name: [old, now] for name, old in before.items() if (now := getattr(self, name)) != old},
            )  # fmt: skip

    def forget_unique_id(self, *, by: Actor) -> None:
        """Count the Unique ID as not chosen; the handle itself stays, so that mentions go on working."""
        with self.locked():
            self.require_editable(by)
            if self.unique_id_is_chosen:
                self.write(unique_id_is_chosen=False)
                audit.record(
                    Event.ACCOUNT_CHANGED, self.organization, by=by, member=self,
                    changes={"unique_id_is_chosen": [True, False]},
                )  # fmt: skip

    def change_external_id(self, external_id: str | None, *, by: Actor) -> None:
        """Set the externalId; None removes it. Others may have the same. Raises a NotEligible."""
        with self.locked():
            self.require_editable(by)
            external_id = values.text("externalId", external_id or "") or None
            if external_id == self.external_id:
                return
            before = self.external_id
            self.write(external_id=external_id)
            audit.record(
                Event.ACCOUNT_CHANGED, self.organization, by=by, member=self,
                changes={"external_id": [before, external_id]},
            )  # fmt: skip


def is_split(account: Any, profile: Profile, by: Actor) -> bool:
    """Whether given and family name are made of the name, as long as nobody has sent a part of it."""
    if any(part in profile for part in ("formatted_name", *SPLIT)):
        return False
    has_parts = account.formatted_name or account.given_name or account.family_name
    return bool(account.name_is_split or not (has_parts or by.is_identity_provider))


def profile_fields(profile: Profile, organization: Any, user_name: str, domains: set[str]) -> dict[str, Any]:
    """The account's columns that a profile asks for, each checked.

    `user_name` is the present one, `domains` are the verified ones.
    """
    fields: dict[str, Any] = {}
    if "user_name" in profile:
        user_name = fields["user_name"] = clean_user_name(profile["user_name"], organization, domains)
    if "email" in profile:
        email = profile["email"]
        if email is None or not plain(email):
            fields |= {"email": followed_email(user_name), "email_follows_user_name": True}
        else:
            fields |= {"email": clean_email(email, organization, domains), "email_follows_user_name": False}
    fields |= {
        name: values.text(name, str(value), values.MAX_NAME) for name, value in profile.items() if name in NAME_PARTS
    }
    fields |= {
        name: None if value is None else values.text(AS_SENT[name], str(value))
        for name, value in profile.items()
        if name in AS_SENT
    }
    if "language" in profile:
        fields["language"] = values.language(profile["language"])
    if "time_zone" in profile:
        fields["time_zone"] = values.time_zone(profile["time_zone"])
    return fields


def _with_what_is_answered(profile: Profile, account: Any) -> Profile:
    """The profile with the answers for SCIM: what is chosen here replaces what the IdP has sent, or taken away."""
    answered: Profile = {}
    if profile.get("language", account.language) != account.language and not profile.keys() & {
        "preferred_language",
        "locale",
    }:
        answered["preferred_language"] = profile["language"]
    if profile.get("time_zone", account.time_zone) != account.time_zone:
        answered["time_zone_as_sent"] = None
    if profile.get("email") and not account.email_type:
        answered["email_type"] = "work"
    return {**answered, **profile}


def _as_answered(account: Any) -> tuple[str, ...]:
    """Answer of SCIM by these columns: a text that says the same as the answer before changes nothing."""
    tags = (account.preferred_language, account.locale)
    if tags == (None, None):
        tags = (account.language, account.language)
    zone = account.time_zone_as_sent
    kind = account.email_type if account.email else ""
    return (*(tag or "" for tag in tags), account.time_zone if zone is None else zone, kind)


def has_address(profile: Profile) -> bool:
    """Whether the verified domains matter."""
    return "user_name" in profile or bool(profile.get("email"))


def clean_user_name(user_name: str, organization: Any, domains: set[str]) -> str:
    if not (user_name := values.text("userName", user_name)):
        raise UserNameMissing
    return user_name if organization.is_sandbox else values.address("userName", user_name, domains)


def clean_email(email: str, organization: Any, domains: set[str]) -> str:
    if organization.is_sandbox:
        return values.text("email", email, values.MAX_ADDRESS)
    return values.address("email", email, domains)


def followed_email(user_name: str) -> str:
    """The e-mail that follows from userName; "" in a sandbox where userName is no address."""
    return user_name if "@" in user_name and len(user_name) <= values.MAX_ADDRESS else ""
