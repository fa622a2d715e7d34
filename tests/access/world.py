"""Aozora with everything in it, Hakata next door with the same, and who comes to the door of Aozora."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from members.console.one_time_links import name_of
from members.console.pages import RECENTLY
from members.models import Account, Member, Organization
from members.own.address_links import proof_of
from members.sealing import seal
from members.sessions import SIGNED_IN_AT
from members.sign_in.factors import PENDING
from members.sign_in.session import BY_CODE
from tests.access.passing import APP, of_now
from tests.access.patterns import every_pattern
from tests.access.row import Row
from tests.access.situations import SITUATIONS
from tests.access.things import WORDS, Things, people_at_the_door, things
from tests.access.visitors import ALL, MANAGED, Visitor
from tests.cast import OPERATOR, nulab_account, real_organization, with_second_factor
from tests.cast.rows import Rows, rows

PATTERNS = every_pattern()
# Which thing stands in an address, unless the row says another.
STANDS_IN = {
    "space_key": "{space_key}", "scim_id": "{mia}", "team_id": "{team}", "token_id": "{token}",
    "certificate_id": "{second_certificate}", "number": "{invitation}", "name": "{pending}", "product": "cacoo",
    "idp": "entra", "request_id": "{test}", "secret": "{newcomers_link}", "uid": "{uid}", "token": "{key}",
    "proof": "{proof}", "uuid": "{kenji}", "content_type_id": "1", "object_id": "1", "app_label": "members",
    "url": "nowhere", "app": "backlog", "gives": "cacoo",
}  # fmt: skip

FORMERS_LINK = "link-for-somebody-known"


@dataclass
class World:
    ours: Things
    theirs: Things
    accounts: dict[Visitor, Account]
    cookies: dict[Visitor, str]
    # Of an administrator who has signed in some time ago.
    former_cookie: str
    before: Rows

    def path(self, name: str, at: str = "", /, **odd: str) -> str:
        """Where the page is, or where one would be with something odd in its place."""
        pattern, own = PATTERNS[name], dict(self._pairs(at))
        values = {one: own.get(one) or self._said(STANDS_IN[one]) for one in pattern.parameters}
        return pattern.path(values | odd)

    def target(self, row: Row, its: Things | None = None, /, **odd: str) -> str:
        query = urlencode(self._pairs(row.query, its))
        return self.path(row.name, row.at, **odd) + (f"?{query}" if query else "")

    def theirs_for(self, row: Row, parameter: str) -> str:
        """What stands in such an address of the neighbour."""
        return dict(self._pairs(row.at, self.theirs)).get(parameter) or self._said(STANDS_IN[parameter], self.theirs)

    def form(self, row: Row, visitor: Visitor, its: Things | None = None) -> dict[str, Any]:
        account = self.accounts.get(visitor)
        more = {"me": account.email if account else "", **of_now(row.form, self.ours)}
        form: dict[str, Any] = {}
        for name, value in self._pairs(row.form, (its or {}) | more):
            is_file = value.startswith("file:")
            form[name] = SimpleUploadedFile("upload", value.removeprefix("file:").encode()) if is_file else value
        return form

    def client(self, visitor: Visitor, row: Row | None = None, **more: Any) -> Client:
        client = Client(**more)
        if visitor in self.cookies:
            client.cookies["session"] = self.cookies[visitor]
        if row:
            name, _, value = self._said(row.cookie, of_now(row.cookie, self.ours)).partition("=")
            client.cookies.load({name: value} if name else {})
        return client

    def ask(self, row: Row, visitor: Visitor, method: str, *, its: Things | None = None, **more: Any) -> Any:
        """Whatever comes of it, to the last byte of a file. `its`: somebody else's ids in query and form."""
        client: Client = more.get("client") or self.client(visitor, row)
        target = more.get("target") or self.target(row, its)
        form = self.form(row, visitor, its) if method == "POST" else None
        answer: Any = client.post(target, form) if method == "POST" else client.generic(method, target)
        if answer.streaming:
            list(answer.streaming_content)
        return answer

    def prepare(self, row: Row) -> Rows:
        """What the row presupposes; what the database holds then. The test's transaction undoes it."""
        if not row.given:
            return self.before
        SITUATIONS[row.given](self.ours)
        return rows()

    def walk(self, row: Row, deviations: Callable[["World", Row, Visitor, Rows], Iterable[str]]) -> list[str]:
        """Each visitor's deviations at the row. What one of them does is undone before the next one comes."""
        before, found = self.prepare(row), list[str]()
        for visitor in sorted(ALL):
            with transaction.atomic():
                found += [f"{visitor}: {one}" for one in deviations(self, row, visitor, before)]
                transaction.set_rollback(True)
        return found

    def _pairs(self, written: str, others: Things | None = None) -> list[tuple[str, str]]:
        pairs = [one.partition("=") for one in written.split("&") if one]
        return [(name, self._said(value, others)) for name, _, value in pairs]

    def _said(self, written: str, others: Things | None = None) -> str:
        ids = {name: value for name, value in (others or {}).items() if name not in WORDS}
        return written.format_map(self.ours | ids)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once for all tests of a module, each of which has a transaction of its own within this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def unwatched(settings: Any) -> None:
    """Without the watch for repeated queries, a fifth of the time: test_authorization.py has it at the same pages."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]


def build() -> World:
    hakata = real_organization("Hakata Labs", "hakata", "ren.kobayashi@hakata.example")
    aozora = real_organization("Aozora Design", "aozora", "aiko.tanaka@aozora.example")
    hana = nulab_account("hana.support@nulab.example", name="Hana Support")
    Account.objects.filter(pk=hana.pk).update(is_staff=True)
    with_second_factor(hana)
    theirs, ours = (things(one, one.members.administrators().order_by("pk")[0]) for one in (hakata, aozora))
    another = Organization.objects.register(name="Nara Print", slug="nara", by=OPERATOR)
    accounts = people_at_the_door(aozora, hakata, hana)
    ours |= {
        "former_address": accounts[Visitor.FORMER].email,
        "formers_link": FORMERS_LINK,
        "formers_name": name_of(FORMERS_LINK),
        "hana_account": str(hana.pk),
        "another_pk": str(another.pk),
    }
    for its, visitor in ((ours, Visitor.ADMINISTRATOR), (theirs, Visitor.NEIGHBOUR)):
        its["proof"] = proof_of(accounts[visitor], f"another@{its['slug']}.test")
        its["proof_name"] = name_of(its["proof"])
    now = time.time()
    cookies = {visitor: session_of(account, visitor, now) for visitor, account in accounts.items()}
    former = session_of(accounts[Visitor.ADMINISTRATOR], Visitor.ADMINISTRATOR, now - RECENTLY - 60)
    # The verbs would end the sessions, too.
    Account.objects.filter(pk=accounts[Visitor.LEAVER].pk).update(is_active=False)
    Member.objects.filter(account=accounts[Visitor.FORMER]).delete()
    return World(ours, theirs, accounts, cookies, former, rows())


def session_of(account: Account, visitor: Visitor, signed_in_at: float) -> str:
    """The cookie of somebody who has signed in then, and is about to set up a second factor."""
    client = Client()
    through_idp = visitor in MANAGED | {Visitor.LEAVER}
    client.force_login(account, "saml.sso.session.SamlBackend" if through_idp else "members.signin.PasswordBackend")
    session = client.session
    session.update({SIGNED_IN_AT: signed_in_at, BY_CODE: visitor is Visitor.SUPPORT, PENDING: seal(APP)})
    session.save()
    return client.cookies["session"].value
