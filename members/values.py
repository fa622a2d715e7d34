"""The form that values must have before they are stored, whichever door they came through."""

import re
import unicodedata
import zoneinfo
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from members import values_refusals as refusals
from members.keys import domain_of, key_of, plain

# Characters of a text, and of a name or a part of one: as many as Entra's displayName may have.
MAX_TEXT = MAX_NAME = 256
# Characters of a given and a family name with a space between them.
MAX_FULL_NAME = 2 * MAX_NAME + 1
MAX_ADDRESS = 254
# Characters of a mail domain, of an organization's name and of its ID.
MAX_DOMAIN, MAX_ORGANIZATION, MAX_SLUG = 253, 100, 20
# A key may be longer than its text: folding turns "ß" into "ss". `text` refuses what more than doubles.
MAX_KEY = 2 * MAX_TEXT
MAX_NAME_KEY = 2 * MAX_NAME
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
_UNIQUE_ID = re.compile(r"[a-z0-9._-]{2,50}\Z")
_SLUG = re.compile(rf"[a-z0-9][a-z0-9-]{{1,{MAX_SLUG - 2}}}[a-z0-9]\Z")
_DOMAIN = re.compile(
    rf"\A(?=.{{4,{MAX_DOMAIN}}}\Z)"
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z"
)
_NOT_IN_HANDLES = re.compile(r"[^a-z0-9._-]")
# Kana, ideographs, hangul, also those beyond the basic plane: a name in these begins with the family name.
CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
# Names for “not set” and for the zone of the machine are no places.
TIME_ZONES = zoneinfo.available_timezones() - {"Factory", "localtime"}
_TIME_ZONE_BY_KEY = {name.casefold(): name for name in TIME_ZONES}


def text(field: str, value: str, most: int = MAX_TEXT) -> str:
    """The text in its plain form. Raises TextTooLong, InvalidText for characters that no person can have typed."""
    value = plain(value)
    # The key of a text in ASCII is no longer than the text.
    if len(value) > most or (not value.isascii() and len(key_of(value)) > 2 * most):
        raise refusals.TextTooLong(field=field, most=most)
    # Cc: control characters, NUL among them, which PostgreSQL cannot store; Cs: half of a surrogate pair.
    if not value.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise refusals.InvalidText(field=field)
    return value


def name(value: str, most: int = MAX_NAME) -> str:
    """The name of something that must have one: an organization, a team. Raises NameMissing."""
    if not (value := text("name", value, most)):
        raise refusals.NameMissing
    return value


def parts_of(name: str) -> tuple[str, str]:
    """Given and family name: split at the last space, family first in Chinese, Japanese and Korean.

    Without a space both are the whole, because some clients cannot take a person without either.
    """
    head, _, tail = name.replace("\u3000", " ").rpartition(" ")
    head = head.strip()
    if not head:
        return name[:MAX_NAME], name[:MAX_NAME]
    head, tail = head[:MAX_NAME], tail[:MAX_NAME]
    return (tail, head) if CJK.search(name) else (head, tail)


def address(field: str, value: str, verified_domains: set[str]) -> str:
    """An e-mail address in one of the verified domains. Raises NotAnAddress, DomainNotVerified, DomainNotInAscii."""
    value = text(field, value, MAX_ADDRESS)
    try:
        validate_email(value)
    except ValidationError:
        raise refusals.NotAnAddress(value=value, field=field) from None
    # Django compares without case, so that it takes “ı”, “ſ” and the Kelvin sign for letters that look like them.
    if not value.rpartition("@")[0].isascii():
        raise refusals.NotAnAddress(value=value, field=field)
    if (written := domain_of(value)) not in verified_domains:
        raise _not_verified(written, verified_domains)
    return value


def _not_verified(written: str, verified_domains: set[str]) -> refusals.DomainNotVerified:
    with suppress(refusals.InvalidDomain):
        if (in_ascii := domain(written)) in verified_domains:
            return refusals.DomainNotInAscii(domain=written, ascii=in_ascii)
    return refusals.DomainNotVerified(domain=written)


def nulab_address(value: str) -> str:
    """The address of a Nulab Account: any domain, but an address."""
    return address("email", value, {domain_of(value)})


def unique_id(value: str) -> str:
    if not value.isascii() or not _UNIQUE_ID.match(value.lower()):
        raise refusals.InvalidUniqueId(unique_id=value[:60])
    return value


def unique_id_from(user_name: str) -> str:
    """The handle that an address suggests: its local part, as far as a handle may contain it."""
    local = key_of(user_name).rpartition("@")[0] or key_of(user_name)
    handle = _NOT_IN_HANDLES.sub("", local)[:44]
    return handle if len(handle) > 1 else f"{handle}user"


def time_zone(value: str) -> str:
    if value not in TIME_ZONES:
        raise refusals.InvalidTimeZone(value=value[:60])
    return value


def time_zone_named(value: str) -> str | None:
    """The zone that it means, in whatever case; None of a name that nobody has given to one."""
    return _TIME_ZONE_BY_KEY.get(value.strip().casefold())


def language(value: str) -> str:
    if value not in LANGUAGES:
        raise refusals.InvalidLanguage(value=value[:60])
    return value


def slug(value: str) -> str:
    if not _SLUG.match(value):
        raise refusals.InvalidOrganizationId(slug=value[:60])
    return value


def domain(value: str) -> str:
    """The domain as DNS knows it: lower case, IDNA. Raises InvalidDomain."""
    try:
        name = key_of(value).rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _DOMAIN.match(name):
        raise refusals.InvalidDomain(domain=value[:60])
    return name
