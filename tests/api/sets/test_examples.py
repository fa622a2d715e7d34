"""A token of each type, as docs/events.md says; what stands there is made here, and its code is run.

MAKE_EXAMPLES=1 writes it anew.
"""

import json
import os
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from api.models import App, Endpoint, Event
from api.models.endpoint import Method
from api.sets.keys import sign
from api.sets.tokens import claims_of
from api.sets.uris import OWN, SCIM, SESSION_REVOKED
from members.models import Member, Organization
from tests.api.events.test_examples import KEY, PAGE, lead_through_everything
from tests.api.sets.receiver import verified
from tests.cast import SUPPORT
from tests.scim import Idp

SHOWN = "account.deactivated"
EXAMPLE = re.compile(r"(does:\n\n)```json\n(.*?)```", re.DOTALL)
TABLE = re.compile(r"(\| type \| name in the SCIM profile.*\n\|---\|---\|---\|\n)((?:\|.*\n)*)")
CODE = re.compile(r"```python\n(from joserfc.*?)```", re.DOTALL)
AT, MEMBER, TXN = 1795856400, "7f3c0000-0000-4000-8000-000000000001", "5d1c6f0a9b7e4c3d8a2f1e0b4c6d8e9f"


@pytest.mark.django_db
def test_a_token_of_each_type_is_verified_and_shown(aozora: Organization, idp: Idp, aiko: Member) -> None:
    endpoint, _ = Endpoint.objects.make(
        app=App.BACKLOG, method=Method.PUSH, url="https://backlog.example/sets", contact="ops@backlog.example",
        with_changes=False, by=SUPPORT,
    )  # fmt: skip
    Event.objects.all().delete()
    lead_through_everything(aozora, idp, aiko)

    told: dict[str, list[dict[str, Any]]] = {}
    for event in Event.objects.select_related("organization").order_by("organization_id", "number"):
        if event.type not in told:
            claims = claims_of(event, event.organization, endpoint)
            told[event.type] = [verified(sign(one)) for one in claims.values()]
            assert told[event.type] == list(claims.values())
    page = PAGE.read_text()
    table, example = "".join(map(row, sorted(told), map(told.get, sorted(told)))), shown(told[SHOWN])
    if os.environ.get("MAKE_EXAMPLES"):
        page = TABLE.sub(lambda found: found[1] + table, page)
        PAGE.write_text(EXAMPLE.sub(lambda found: f"{found[1]}```json\n{example}```", page))
        return
    assert [table] == [rows for _, rows in TABLE.findall(page)]
    assert [example] == [text for _, text in EXAMPLE.findall(page)]


def row(name: str, tokens: Any) -> str:
    """The line of a type in the table."""
    first, *others = tokens
    [own, *standard] = first["events"]
    assert own == OWN + name
    assert [list(one["events"]) for one in others] in ([], [[SESSION_REVOKED]])
    assert all(uri.startswith(SCIM) for uri in standard)
    known = " ".join(f"`{uri.removeprefix(SCIM)}`" for uri in standard) or "–"
    return f"| `{name}` | {known} | {'`session-revoked`' if others else ''} |\n"


def shown(tokens: list[dict[str, Any]]) -> str:
    """The claims of tokens as the page shows them: what differs each time is made alike."""
    own = tokens[0]["events"][OWN + SHOWN]
    text = json.dumps(tokens, ensure_ascii=False, indent=2) + "\n"
    alike = {
        own["id"]: f"{KEY}-17", own["organization"]: KEY, own["subject"]["id"]: f"{MEMBER}",
        tokens[0]["txn"]: TXN, str(tokens[0]["toe"]): str(AT), str(tokens[0]["iat"]): str(AT),
        f'"number": {own["number"]}': '"number": 17', settings.BASE_URL: "https://apps.example.com",
    }  # fmt: skip
    for found, told in alike.items():
        text = text.replace(found, told)
    return text


def test_the_code_of_the_page_takes_a_token_and_no_other() -> None:
    [code] = CODE.findall(PAGE.read_text())
    jwks = json.loads(Client().get("/api/v1/jwks").content)
    claims = {"iss": settings.BASE_URL, "aud": "https://backlog.example/sets", "events": {}}

    def take(body: str) -> Any:
        known = {"body": body, "jwks": jwks, "issuer": settings.BASE_URL, "audience": claims["aud"]}
        exec(code, known)
        return known["token"].claims

    assert take(sign(claims)) == claims
    head, payload, signature = sign(claims).split(".")
    other = sign({**claims, "aud": "https://cacoo.example"})
    for wrong in (f"{head}.{payload}.{signature[:-8]}AAAAAAAA", f"{head}.{payload}.", other):
        with pytest.raises(Exception, match=r"(?i)signature|claim|aud|bad"):
            take(wrong)
