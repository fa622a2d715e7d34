"""Reading the list of users that somebody has downloaded from an identity provider, or typed."""

import csv
import io
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.keys import key_of

MOST_BYTES, MOST_PEOPLE = 2 * 1024 * 1024, 5_000
# As Microsoft Entra ID (“Download users”), Okta and OneLogin name their columns; compared without case and spaces.
COLUMNS = {
    "user_name": ("userprincipalname", "username", "login", "user principal name"),
    "email": ("mail", "email", "emailaddress", "primaryemail"),
    "display_name": ("displayname", "name", "fullname"),
    "given_name": ("givenname", "firstname"),
    "family_name": ("surname", "lastname", "familyname"),
    "active": ("accountenabled", "active", "enabled", "status"),
    "external_id": ("objectid", "id", "externalid"),
}
COLUMN_OF = {spelling: column for column, spellings in COLUMNS.items() for spelling in spellings}
OFF = {"false", "no", "0", "disabled", "deprovisioned", "suspended", "inactive", "blocked"}


class Unreadable(Exception):
    """The sentence says why the list cannot be read."""


@dataclass(frozen=True)
class Person:
    line: int
    user_name: str
    email: str = ""
    display_name: str = ""
    given_name: str = ""
    family_name: str = ""
    external_id: str = ""
    is_active: bool = True

    @property
    def name(self) -> str:
        return self.display_name or f"{self.given_name} {self.family_name}".strip() or self.user_name


def decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8, else what Excel writes in Japanese. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(_("The list is larger than 2 MiB. Split it."))
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp932"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The file is not text in UTF-8, UTF-16 or Shift_JIS. Download it as CSV."))


def people_in(text: str) -> list[Person]:
    """Of a CSV with a header, or of a plain list of addresses. Raises Unreadable."""
    text = text.removeprefix("\ufeff").strip()
    if "\x00" in text:
        raise Unreadable(_("The file is not text in UTF-8, UTF-16 or Shift_JIS. Download it as CSV."))
    rows = _rows(text)
    header = [COLUMN_OF.get(re.sub(r"[\s_-]", "", key_of(cell)), "") for cell in rows[0]] if rows else []
    if "user_name" in header or "email" in header:
        people = [_person(number, dict(zip(header, row, strict=False))) for number, row in enumerate(rows[1:], 2)]
        people = [person for person in people if person.user_name]
    else:
        people = [Person(number, address) for number, address in enumerate(re.split(r"[\s,;]+", text), 1) if address]
    if not people:
        raise Unreadable(_("Nobody is in the list. A column userPrincipalName or mail is needed, or addresses alone."))
    if len(people) > MOST_PEOPLE:
        raise Unreadable(_("The list has more than %(most)s people. Split it.") % {"most": MOST_PEOPLE})
    return people


def _rows(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Unreadable(_("The list is not a CSV file: a quoted value has no end.")) from None


def _person(line: int, cells: dict[str, str]) -> Person:
    cells = {column: value.strip() for column, value in cells.items() if column}
    active = key_of(cells.pop("active", ""))
    user_name = cells.pop("user_name", "") or cells.get("email", "")
    return Person(line, user_name, **cells, is_active=active not in OFF)
