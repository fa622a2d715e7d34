"""The people whom the demo identity provider knows, in whichever domain it is connected for."""

import uuid

from demo.entra import Person
from demo.people import NAMESPACE

# Given name, family name, local part, language, role.
_KNOWN = [
    ("Mia", "Ito", "mia.ito", "ja-JP", "USER"),
    ("Kenji", "Mori", "kenji.mori", "ja-JP", "USER"),
    ("Olivia", "Brown", "olivia.brown", "en-US", "ADMIN"),
    ("Ayumi", "Hamasaki", "ayumi.hamasaki", "ja-JP", "GUEST"),
    ("Liam", "Murphy", "liam.murphy", "en-US", "USER"),
    ("Noa", "Bergman", "noa.bergman", "en-US", "USER"),
    ("Hugo", "Laurent", "hugo.laurent", "fr-FR", "GUEST"),
    ("Shiori", "Endo", "shiori.endo", "ja-JP", "USER"),
    # These are members of Aozora Design already: matched, or refused with the reason.
    ("Haruto", "Sato", "haruto.sato", "en-US", "USER"),
    ("Sakura", "Ito", "sakura.ito", "en-US", "USER"),
]


def people_at(domain: str) -> dict[str, Person]:
    """The people by their local part."""
    return {
        local: _person(given, family, local, language, role, domain) for given, family, local, language, role in _KNOWN
    }


def _person(given: str, family: str, local: str, language: str, role: str, domain: str) -> Person:
    address = f"{local}@{domain}"
    return Person(
        object_id=str(uuid.uuid5(NAMESPACE, address)),
        given_name=given,
        family_name=family,
        display_name=f"{given} {family}",
        user_name=address,
        email=address,
        language=language,
        role=role,
    )
