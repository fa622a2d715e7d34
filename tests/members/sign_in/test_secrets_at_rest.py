"""No secret that somebody types stands in the database, whether the form was accepted or refused."""

import importlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from members.mail import set_password_link
from members.models import Invitation, Member, Role
from tests.cast import PASSWORD, next_code, nulab, page_actor, with_second_factor
from tests.cast.console import opened

NEW, JOINING, WRONG = "a lantern over the harbour", "eleven quiet rivers", "a guess that is wrong"


def texts() -> Iterator[tuple[str, str]]:
    """Every value of every column of every table, whoever made the table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((f"{table}.{name}", str(value)) for name, value in zip(names, row, strict=True))


def found(*secrets: str) -> list[str]:
    return [f"{place} holds {secret!r}" for place, value in texts() for secret in secrets if secret in value]


def sign_in(browser: Client, address: str, password: str) -> Any:
    return browser.post(reverse("signin"), {"identifier": address, "password": password})


def test_what_is_looked_for_would_be_found(aiko: Member) -> None:
    assert found("Aiko Tanaka", aiko.account.password)


def test_no_password_that_was_typed_is_kept(client: Client, aiko: Member) -> None:
    for password in (WRONG, PASSWORD):
        sign_in(client, aiko.account.email, password)
    for _ in range(12):
        sign_in(Client(), "nobody@aozora.example", WRONG)
    client.post(
        reverse("security-password"), {"current_password": WRONG, "new_password1": NEW, "new_password2": JOINING}
    )
    client.post(
        reverse("security-password"), {"current_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    )

    assert sign_in(Client(), aiko.account.email, NEW).status_code == 302
    assert found(WRONG, PASSWORD, NEW, JOINING) == []


def test_no_code_and_no_link_is_kept(client: Client, aiko: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, codes = with_second_factor(aiko.account)
    code = next_code(secret)
    sign_in(client, aiko.account.email, PASSWORD)
    for typed in ("000 000 000", codes[0] + "x", codes[0], code):
        client.post(reverse("signin-code"), {"code": typed})
    client.post(reverse("security-authenticator-remove"), {"current_password": WRONG})
    path = set_password_link(aiko.account).removeprefix("http://localhost:8000")
    token = path.rsplit("/", 1)[1]
    client.post(opened(client, path), {"new_password1": NEW, "new_password2": JOINING})
    client.post(opened(client, path), {"new_password1": NEW, "new_password2": NEW})

    assert found(secret, *codes, codes[0].replace("-", ""), "000 000 000", WRONG, NEW, JOINING, token) == []


def test_nothing_of_an_invitations_form_is_kept(client: Client, aiko: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "a-secret-of-an-invitation-that-is-long"
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: secret)
    Invitation.objects.invite(aiko, "gina@partner.example", role=Role.USER, by=page_actor(aiko))
    monkeypatch.undo()
    page = opened(client, reverse("invitation", args=[secret]))
    client.post(f"{page}/join", {"name": "", "password": JOINING})
    client.post(f"{page}/join", {"name": "Gina", "password": JOINING})

    assert aiko.organization.members.filter(account__email="gina@partner.example").exists()
    assert found(secret, JOINING) == []


def test_links_that_were_asked_for_are_sealed(client: Client, aiko: Member) -> None:
    client.post(reverse("forgotten-password"), {"email": aiko.account.email})

    assert found("/set-password/") == []


def test_the_tables_of_the_former_throttle_are_dropped(aiko: Member) -> None:
    migration = importlib.import_module("members.migrations.0034_drop_what_former_releases_wrote")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE axes_accessattempt (id integer PRIMARY KEY, post_data text)")
        cursor.execute("CREATE TABLE axes_accesslog (id integer PRIMARY KEY)")
        cursor.execute("INSERT INTO axes_accessattempt VALUES (1, %s)", [f"current_password={WRONG}"])
    assert found(WRONG)

    # As much of a schema editor as it asks for; a real one wants no transaction around it on SQLite.
    def execute(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    quoted = connection.ops.quote_name
    migration.drop(None, SimpleNamespace(connection=connection, execute=execute, quote_name=quoted))

    assert not [name for name in connection.introspection.table_names() if name.startswith("axes_")]


def test_nobodys_address_stands_in_the_attempts(client: Client, aiko: Member) -> None:
    yuki = nulab(aiko.organization, "yuki")
    sign_in(client, "typed-by-a-stranger@x.example", WRONG)
    sign_in(client, yuki.account.email, WRONG)

    assert found("typed-by-a-stranger") == []
