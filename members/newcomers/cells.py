"""The meaning of a cell in a list of people who are to get accounts, whether it has a hundred rows or a million."""

import re

from members.keys import key_of
from members.lists.table import MAX_CHARACTERS
from members.models import Organization, Role, Team
from members.newcomers import refusals
from members.values_refusals import InvalidLanguage, InvalidRole

LANGUAGES = {"en": "en", "english": "en", "英語": "en", "ja": "ja", "japanese": "ja", "日本語": "ja"}
ROLES = {
    "admin": Role.ADMIN, "administrator": Role.ADMIN, "管理者": Role.ADMIN, "user": Role.USER, "member": Role.USER,
    "メンバー": Role.USER, "guest": Role.GUEST, "ゲスト": Role.GUEST,
}  # fmt: skip
BETWEEN_TEAMS = re.compile(r"[;；、\n]")


def require_short(text: str) -> None:
    """Refuse a cell that was cut when it was read. Raises CellTooLong."""
    if len(text) > MAX_CHARACTERS:
        raise refusals.CellTooLong(most=MAX_CHARACTERS)


def language_of(text: str) -> str | None:
    """The language; None where the cell is empty. Raises InvalidLanguage."""
    if text and key_of(text) not in LANGUAGES:
        raise InvalidLanguage(value=text[:60])
    return LANGUAGES.get(key_of(text))


def role_of(text: str) -> Role | None:
    """The role; None where the cell is empty. Raises InvalidRole."""
    if text and key_of(text) not in ROLES:
        raise InvalidRole(value=text[:60])
    return ROLES.get(key_of(text))


def teams_by_key(organization: Organization) -> dict[str, Team]:
    return {team.name_key: team for team in organization.teams.all()}


def teams_of(text: str, teams: dict[str, Team]) -> tuple[list[Team], list[refusals.UnknownTeam]]:
    """The teams that the cell names, and the refusals of those that there are not."""
    found, unknown = list[Team](), list[refusals.UnknownTeam]()
    for part in BETWEEN_TEAMS.split(text):
        if name := part.strip():
            if team := teams.get(key_of(name)):
                found.append(team)
            else:
                unknown.append(refusals.UnknownTeam(name=name[:60]))
    return found, unknown
