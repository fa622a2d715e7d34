"""The refusals of a file of people, each beside its cell, before anything is written.

The verbs check again when it is written; this says it all at once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from members import values
from members.keys import key_of
from members.lists.headers import EMAIL, LANGUAGE, NAME, ROLE, TEAMS, UNIQUE_ID
from members.models import Member, Newcomer, Organization, Product, Role, Subscription, Team
from members.models.address import owners
from members.models.member.profile import clean_user_name
from members.models.member.refusals import UniqueIdTaken
from members.newcomers import cells, refusals
from members.newcomers.file import PeopleFile, Row
from members.refusals import Refusal


def newcomers_of(file: PeopleFile, organization: Organization, *, language: str) -> list[Newcomer]:
    """The people of the file; refusals are written into its rows. `language` is that of an empty cell."""
    check = Check(file, organization, language)
    return [check.newcomer(row) for row in file.rows]


def missing_licences(organization: Organization, needed: int) -> Refusal | None:
    """The refusals of the file as a whole: too few licences."""
    if organization.is_sandbox:
        return None
    subscription = Subscription.running(organization, Product.PASS)
    if subscription is not None and needed <= subscription.free:
        return None
    if subscription is None or needed == 1 or not subscription.bought:
        return Subscription.none_free(Product.PASS, subscription)
    return refusals.NotEnoughLicences(
        product=Product.PASS.label, needed=needed, free=subscription.free, bought=subscription.bought
    )


class Check:
    """The check of one file: one look at the database, then row by row."""

    def __init__(self, file: PeopleFile, organization: Organization, language: str) -> None:
        self.organization, self.language = organization, language
        self.domains = organization.verified_domains()
        self.teams = cells.teams_by_key(organization)
        self.owners = owners(organization, (key_of(row.cells[EMAIL]) for row in file.rows))
        handles = {key_of(row.cells[UNIQUE_ID]) for row in file.rows} - {""}
        named = organization.members.filter(unique_id_key__in=handles).select_related("account")
        self.named: dict[str, Member] = {member.unique_id_key: member for member in named}
        self.seen: dict[tuple[str, str], int] = {}

    def newcomer(self, row: Row) -> Newcomer:
        return Newcomer(
            email=self._cleaned(row, EMAIL, self._email) or "",
            name=self._cleaned(row, NAME, values.name) or "",
            unique_id=self._cleaned(row, UNIQUE_ID, self._unique_id),
            language=self._cleaned(row, LANGUAGE, cells.language_of) or self.language,
            role=self._cleaned(row, ROLE, cells.role_of) or Role.USER,
            teams=self._cleaned(row, TEAMS, partial(self._teams, row)) or [],
            row=row.number,
        )

    def _cleaned(self, row: Row, column: str, clean: Callable[[str], Any]) -> Any:
        """The cell's value; a refusal is written beside it."""
        try:
            cells.require_short(row.cells[column])
            value = clean(row.cells[column])
            if column in (EMAIL, UNIQUE_ID) and value:
                self._only_once(row, column, key_of(value))
        except Refusal as refusal:
            row.refuse(column, refusal)
            return None
        return value

    def _only_once(self, row: Row, column: str, key: str) -> None:
        first = self.seen.setdefault((column, key), row.number)
        if first != row.number:
            raise refusals.TwiceInFile(row=first)

    def _email(self, text: str) -> str:
        email = clean_user_name(text, self.organization, self.domains)
        if owner := self.owners.get(key_of(email)):
            raise owner.refusal
        return email

    def _unique_id(self, text: str) -> str | None:
        if not text:
            return None
        if owner := self.named.get(key_of(values.unique_id(text))):
            raise UniqueIdTaken(unique_id=text, member=owner.account.name)
        return text

    def _teams(self, row: Row, text: str) -> list[Team]:
        found, unknown = cells.teams_of(text, self.teams)
        for refusal in unknown:
            row.refuse(TEAMS, refusal)
        return found
