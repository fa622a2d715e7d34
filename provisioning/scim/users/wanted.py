"""The wanted fields of a request: those that differ, for the verbs that write them."""

from dataclasses import dataclass, field
from typing import Any

from members import values
from members.fields import BY_NAME, FIELDS
from members.keys import plain
from members.languages import language_of
from members.models import Account, Member, Role
from members.models.account import NAME_PARTS
from members.models.member.profile import Profile
from provisioning.scim.users.attributes import EXTENSION
from provisioning.scim.users.dialects import SentUser, chosen_email, chosen_role, unused_emails
from provisioning.scim.users.resource import NULAB

Document = dict[str, Any]
# The parts of a name within `name`, and displayName beside it.
NAMES = {BY_NAME[column].scim.rpartition(".")[2]: column for column in NAME_PARTS}
COLUMN_OF = {BY_NAME[column].scim: column for column in ("user_name", "email", *NAME_PARTS)}
PATH_OF = {column: path for path, column in COLUMN_OF.items()}
LANGUAGES = {column: BY_NAME[column].scim for column in ("preferred_language", "locale")}


@dataclass
class Wanted:
    """None means: leave it as it is. `ignored` names what could not be used or is not stored."""

    profile: Profile = field(default_factory=Profile)
    role: Role | None = None
    forget_role: bool = False
    active: bool | None = None
    # Unique ID of the extension, refused if it is impossible; a nickName is only a wish.
    unique_id: str | None = None
    nick_name: str | None = None
    forget_unique_id: bool = False
    # Language tags as sent, by their columns; "" removes.
    languages: dict[str, str] = field(default_factory=dict)
    external_id: str | None = None
    forget_external_id: bool = False
    ignored: list[str] = field(default_factory=list)

    def name_what_was_tidied(self) -> None:
        """Name as ignored the texts that are stored otherwise than sent: line breaks, invisible characters."""
        texts = {path: self.profile.get(column) for path, column in COLUMN_OF.items()}
        texts |= {"externalId": self.external_id, f"{NULAB}:{EXTENSION}": self.unique_id, "nickName": self.nick_name}
        for path, sent in texts.items():
            if isinstance(sent, str) and plain(sent) != sent.strip():
                self.ignored.append(f"{path}: {sent[:60].encode('unicode_escape').decode('ascii')}")

    def settle_language(self, account: Account | None = None) -> None:
        """Set the language by the first of the two tags, as they will be, that names one of ours; others are named."""
        if not self.languages:
            return
        sent = {name: self.languages.get(name, getattr(account, name, None) or "") for name in LANGUAGES}
        meant = {name: language_of(value) for name, value in sent.items()}
        language = next(filter(None, meant.values()), None)
        for name, value in self.languages.items():
            self.profile[name] = value  # type: ignore[literal-required]
        if language:
            self.profile["language"] = language
        for name, value in self.languages.items():
            if value and (language is None or meant[name] != language):
                self.ignored.append(f"{LANGUAGES[name]}: {value[:40]}")

    def take_time_zone(self, sent: str) -> None:
        if zone := values.time_zone_named(sent):
            self.profile |= {"time_zone": zone, "time_zone_as_sent": sent}
        else:
            self.ignored.append(f"timezone: {sent[:40]}")

    def take_email(self, entry: dict[str, Any] | None) -> None:
        """Set the e-mail; None makes it follow userName. Its type stays unless one is sent."""
        self.profile["email"] = entry["value"] if entry else None
        if kind := entry.get("type") if entry else "work":
            self.profile["email_type"] = kind

    def take_email_away(self) -> None:
        """Let the e-mail follow userName, which is then no address of the type that has been taken away."""
        self.profile |= {"email": None, "email_type": ""}

    def settle_email_type(self, account: Account) -> None:
        """The type of an address that came without one: work, but none where the answer that was read had none."""
        if self.profile.get("email"):
            is_read = self.profile["email"] == account.email
            self.profile.setdefault("email_type", account.email_type and "work" if is_read else "work")

    def take_unique_id(self, unique_id: str | None, nick_name: str | None) -> None:
        unique_id, nick_name = (one and one.strip() for one in (unique_id, nick_name))
        self.unique_id = unique_id or None
        self.nick_name = None if unique_id else nick_name or None
        if unique_id and nick_name and nick_name != unique_id:
            self.ignored.append(f"nickName: {nick_name[:60]}")


def from_resource(body: dict[str, Any], *, replaces: bool) -> Wanted:
    """The wanted fields of POST and PUT. A PUT without e-mail removes it; one with any name replaces all names."""
    sent = SentUser(body)
    stored = sent.stored
    wanted = Wanted(ignored=sent.ignored)
    if stored.get("userName") is not None:
        wanted.profile["user_name"] = stored["userName"]
    emails = stored.get("emails") or []
    if (email := chosen_email(emails)) or replaces:
        wanted.take_email(email)
    wanted.ignored += unused_emails(emails, email)
    names = {"displayName": stored.get("displayName"), **(stored.get("name") or {})}
    if any(value is not None for value in names.values()):
        for sent_name, field_name in NAMES.items():
            if replaces or names.get(sent_name) is not None:
                wanted.profile[field_name] = names.get(sent_name) or ""  # type: ignore[literal-required]
    for column, name in LANGUAGES.items():
        if sent_tag := stored.get(name):
            wanted.languages[column] = sent_tag
    if time_zone := stored.get("timezone"):
        wanted.take_time_zone(time_zone)
    wanted.take_unique_id((stored.get(NULAB) or {}).get(EXTENSION), stored.get("nickName"))
    wanted.active = stored.get("active")
    wanted.role = chosen_role(stored.get("roles") or [])
    wanted.external_id = stored.get("externalId") or None
    wanted.name_what_was_tidied()
    return wanted


def from_difference(before: Document, after: Document, named: set[str]) -> Wanted:
    """The wanted fields of PATCH, of the resource as it is and as it would be. Of two attributes for one value only the
    named one counts.

    Else a former uniqueId would beat a new nickName; and if only differences counted, a request
    that names both would switch between them whenever it is repeated.
    """
    wanted = Wanted()
    if after.get("userName") != before.get("userName"):
        wanted.profile["user_name"] = after.get("userName") or ""
    _take_emails(wanted, before, after, "emails" in named)
    _take_names(wanted, before, after)
    _take_preferences(wanted, before, after, named)
    _take_unique_id(wanted, before, after, named)
    wanted.active = after.get("active") if "active" in named else None
    role = chosen_role(after.get("roles") or [])
    if role != chosen_role(before.get("roles") or []):
        wanted.role, wanted.forget_role = role, role is None
    if after.get("externalId") != before.get("externalId"):
        wanted.external_id = after.get("externalId") or None
        wanted.forget_external_id = not wanted.external_id
    wanted.name_what_was_tidied()
    return wanted


def _take_emails(wanted: Wanted, before: Document, after: Document, is_named: bool) -> None:
    """Take the e-mail. One that was sent no longer follows userName, also when it is the same."""
    former, entries = (user.get("emails") or [] for user in (before, after))
    # An added address is meant, also beside a primary one of another type.
    added = [entry for entry in entries if entry not in former]
    if added:
        # The one without a type is no address that a client has sent: see take_email_away.
        entries = [entry for entry in entries if entry in added or entry.get("type")]
    # The later of two is meant, as in two requests.
    email = next(filter(None, (chosen_email([entry]) for entry in reversed(added))), None) or chosen_email(entries)
    unused = unused_emails(entries, email)
    if email is None and former:
        wanted.take_email_away()
    elif email != chosen_email(former) or (is_named and not unused):
        wanted.take_email(email)
    wanted.ignored += unused


def _take_preferences(wanted: Wanted, before: Document, after: Document, named: set[str]) -> None:
    """Take language tags and time zone. Removed ones are not answered any longer; the site keeps its values."""
    for column, name in LANGUAGES.items():
        if name in named:
            wanted.languages[column] = after.get(name) or ""
    former, zone = before.get("timezone"), after.get("timezone")
    if zone and zone != former:
        wanted.take_time_zone(zone)
    elif former and not zone:
        wanted.profile["time_zone_as_sent"] = ""


def _take_names(wanted: Wanted, before: Document, after: Document) -> None:
    old, new = ({"displayName": user.get("displayName"), **(user.get("name") or {})} for user in (before, after))
    for sent_name, field_name in NAMES.items():
        if (name := new.get(sent_name) or "") != (old.get(sent_name) or ""):
            wanted.profile[field_name] = name  # type: ignore[literal-required]


def _take_unique_id(wanted: Wanted, before: Document, after: Document, named: set[str]) -> None:
    old, new = ((user.get(NULAB) or {}).get(EXTENSION) for user in (before, after))
    nick_name = after.get("nickName")
    wanted.take_unique_id(new if NULAB in named else None, nick_name if "nickName" in named else None)
    is_removed = (old is not None and new is None) or (before.get("nickName") is not None and nick_name is None)
    wanted.forget_unique_id = is_removed and not wanted.unique_id and not wanted.nick_name


def fields_of(member: Member) -> dict[str, Any]:
    """The fields that the sync activity compares, before and after."""
    fields = {
        field.name: getattr(member.account if field.is_of_account else member, field.name)
        for field in FIELDS
        if field.name != "active"
    }
    return fields | {"active": member.account.is_active}
