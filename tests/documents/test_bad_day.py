"""The README's table of what administrators ask on a bad day: each answer two clicks away, found by what is at hand."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from members.models import Member, Organization, Team
from members.models.team_rules.brought import Gives
from members.models.team_rules.rule import TeamRule
from saml.models import SamlSettings
from tests.cast import page_actor, scim_token, signed_in
from tests.cast.console import text
from tests.cast.readme import ENGLISH, JAPANESE, Sentence, rows
from tests.cast.saml_messages import Message
from tests.cast.sso import answered, post, saml
from tests.scim import Idp, replace

__all__ = ["saml"]
TITLE, MAX_CLICKS = "On a bad day", 2
LINK = re.compile(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)"[^>]*>(.*?)</option>', re.DOTALL)
WHO = {"audit-log": "subject", "activity": "account", "members": "q"}


@dataclass
class Night:
    """What has happened to Emi: the IdP created her, changed her, put her out, was refused; and so was she."""

    emi: Member
    signed_in_too_late: str
    changed: str
    refused: str

    def names(self, request_id: str) -> list[str]:
        account = self.emi.account
        return [account.name, account.user_name, self.emi.unique_id, self.emi.external_id or "", request_id]


@pytest.fixture
def night(aozora: Organization, aiko: Member, saml: SamlSettings) -> Night:
    idp = Idp(aozora, secret=scim_token(aozora)[1])
    emi = idp.create("emi", displayName="Emi Ueda", externalId="0a21f0f2-1003", nickName="emi-ueda")
    changed = idp.patch(emi["id"], replace("displayName", "Emi Abe")).headers["x-request-id"]
    refused = idp.patch(emi["id"], replace("userName", "emi@unknown.example")).headers["x-request-id"]
    idp.patch(emi["id"], replace("active", False))
    platform = Team.objects.create_team(aozora, "Platform", by=page_actor(aiko))
    TeamRule.objects.create_rule(platform, Gives.ADMIN, by=page_actor(aiko))
    platform.add(idp.member(emi), by=page_actor(aiko))
    message = Message.for_sp(saml, "emi@aozora.example")
    return Night(idp.member(emi), post(Client(), saml, answered(message)).headers["X-Request-Id"], changed, refused)


class Console:
    """Aiko's, from the first page on."""

    def __init__(self, desk: Client, organization: Organization) -> None:
        self.desk, self.url, self.clicks = desk, reverse("start", args=[organization.space_key]), 0
        self.answer = self.desk.get(self.url)

    def press(self, name: str) -> None:
        links = [href for href, shown in LINK.findall(self.answer.content.decode()) if plain(shown) == name]
        assert links, f"No link “{name}” on {self.url}"
        self.url, self.clicks = unescape(links[0]), self.clicks + 1
        self.answer = self.desk.get(self.url)

    def narrowed(self, **query: str) -> str:
        """The page with what was typed or chosen in its filters."""
        answer = self.desk.get(self.url, query)
        assert answer.status_code == 200
        return text(answer)

    def named(self, option: str) -> str:
        """The value of what can be chosen by this name."""
        options: list[tuple[str, str]] = OPTION.findall(self.answer.content.decode())
        return next(value for value, shown in options if plain(shown) == option)


def plain(html: str) -> str:
    """The words of a link; the number of members beside them is none of its name."""
    return " ".join(unescape(re.sub(r'<span class="sidebar-count">.*?</span>|<[^>]+>', " ", html)).split())


def refused_sign_in(console: Console, reads: Sentence, night: Night) -> None:
    for name in night.names(night.signed_in_too_late):
        shown = console.narrowed(subject=name)
        assert night.signed_in_too_late in shown, name


def refused_idp(console: Console, reads: Sentence, night: Night) -> None:
    for name in night.names(night.refused):
        shown = console.narrowed(account=name)
        assert night.refused in shown, name
        assert "unknown.example" in shown


def changed_by_the_idp(console: Console, reads: Sentence, night: Night) -> None:
    today = f"{timezone.localdate():%Y-%m-%d}"
    chosen = {"outcome": console.named(reads.words[1]), "since": today, "until": today}
    for name in night.names(night.changed):
        shown = console.narrowed(account=name, **chosen)
        assert night.changed in shown, name
        assert night.refused not in shown
        assert "Emi Ueda → Emi Abe" in shown


def still_in(console: Console, reads: Sentence, night: Night) -> None:
    active = console.named(reads.words[1])
    assert "Aiko Tanaka" in console.narrowed(status=active)
    assert "Emi Abe" not in console.narrowed(status=active)
    for name in night.names("")[:-1]:
        assert "Emi Abe" in console.narrowed(q=name), name


def would_be_refused(console: Console, reads: Sentence, night: Night) -> None:
    answer = console.desk.post(console.url, {"text": "yuki@aozora.example\nyuki@unknown.example"})
    assert "yuki@unknown.example" in text(answer)
    assert answer.context["found"].reasons


def why_administrator(console: Console, reads: Sentence, night: Night) -> None:
    for name in night.names("")[:-1]:
        assert "Emi Abe" in console.narrowed(q=name), name
    console.press("Emi Abe")
    with override(console.answer.headers["Content-Language"]):
        because = gettext("because of team %(team)s (rule %(number)s)") % {"team": "Platform", "number": "1"}
    assert because in text(console.answer)
    assert console.clicks <= MAX_CLICKS


def paid_for(console: Console, reads: Sentence, night: Night) -> None:
    assert "Nulab Pass" in text(console.answer)


ANSWERS: dict[str, Callable[[Console, Sentence, Night], None]] = {
    "Why was her sign-in refused last night?": refused_sign_in,
    "Why was the IdP refused?": refused_idp,
    "What did the IdP change on Tuesday?": changed_by_the_idp,
    "Who is still in?": still_in,
    "Which of our 500 would be refused?": would_be_refused,
    "Why is she an administrator?": why_administrator,
    "What do we pay for?": paid_for,
}


@pytest.mark.parametrize(("readme", "language"), [(ENGLISH, "en"), (JAPANESE, "ja")])
def test_each_answer_is_where_the_readme_says(
    client: Client, aozora: Organization, aiko: Member, night: Night, readme: str, language: str
) -> None:
    aiko.account.prefer(by=page_actor(aiko), language=language)
    desk: Any = signed_in(client, aiko)

    for asked, said in zip(rows(ENGLISH, TITLE), rows(readme, TITLE), strict=True):
        console, reads = Console(desk, aozora), said[1]
        for name in reads.words[0].split(" › "):
            console.press(name)
        assert console.clicks <= MAX_CLICKS
        ANSWERS[asked[0].text](console, reads, night)
