"""A real browser on the running site: what it complains about, and a company to look at (tests/cast/looking.py)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from members.actors import Actor
from members.models import (
    Account,
    Domain,
    Invitation,
    Member,
    Organization,
    Product,
    Role,
    Subscription,
    Team,
    TeamRule,
)
from members.models.team_rules.brought import Gives
from provisioning.settings.guides import GUIDES
from tests.cast import managed, nulab, page_actor, provisioned, real_organization, scim_token, signed_in
from tests.scim import Idp, replace


class Watched:
    """A page, and whatever the browser has to say against it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.on("requestfailed", lambda request: self._failed(request))

    def _note(self, kind: str, text: str) -> None:
        # A violation of the Content-Security-Policy is an error of the console, too.
        if kind in ("error", "warning"):
            self.complaints.append(f"{self.page.url} {kind}: {text}")

    def _failed(self, request: Any) -> None:
        # Leaving a page ends what it was asking for.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")


def blame(wrong: list[str]) -> None:
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.fixture
def watched(new_context: Callable[..., BrowserContext], live_server: Any) -> Iterator[Watched]:
    """A browser of which nothing may be heard."""
    context = new_context(base_url=live_server.url, permissions=["clipboard-read", "clipboard-write"])
    watched = Watched(context.new_page())
    yield watched
    # What still asks every few seconds must not meet the next test's database.
    context.close()
    blame(watched.complaints)


def enter(context: BrowserContext, member: Member, url: str) -> None:
    """Signed in as the member, without the sign-in page."""
    session = signed_in(Client(), member).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


# -- a company to look at

TEAM_PAGES = ("team", "team-add", "team-rename", "team-delete")


@dataclass(frozen=True)
class Company:
    """Aiko's three organizations: one at work, one ready, one that lacks everything."""

    enabled: Organization
    ready: Organization
    locked: Organization
    aiko: Member
    kenji: Member

    def pages(self) -> dict[str, str]:
        """Name and path of the pages that an administrator lives with."""
        names = (
            "start", "general", "members", "teams", "domains", "saml", "provisioning", "provisioning-review",
            "provisioning-preview", "activity", "audit-log", "licences",
        )  # fmt: skip
        return {
            **{name: reverse(name, args=[self.enabled.space_key]) for name in names},
            "member": reverse("member", args=[self.enabled.space_key, self.kenji.scim_id]),
            "provisioning-not-set-up": reverse("provisioning", args=[self.ready.space_key]),
            "provisioning-locked": reverse("provisioning", args=[self.locked.space_key]),
        }

    def member(self, handle: str) -> Member:
        return self.enabled.members.get(unique_id=handle)

    def for_several(self, name: str) -> str:
        """Everybody ticked on a page about several members; a role is chosen, a product is not yet."""
        picked = [("member", one) for one in self.enabled.members.values_list("scim_id", flat=True)]
        query = urlencode([*picked, ("role", "GUEST")])
        return f"{reverse(name, args=[self.enabled.space_key])}?{query}"

    def rarer_pages(self) -> dict[str, str]:
        token = self.enabled.scim_tokens.order_by("pk")[0]
        team = self.enabled.teams.order_by("pk")[0]
        return {
            "licence-holders": reverse("licence-holders", args=[self.enabled.space_key, "pass"]),
            "licences-none": reverse("licences", args=[self.locked.space_key]),
            "start-fresh": reverse("start", args=[self.locked.space_key]),
            "saml-off": reverse("saml", args=[self.locked.space_key]),
            "manage": reverse("provisioning-manage", args=[self.ready.space_key]),
            "disable": reverse("provisioning-disable", args=[self.enabled.space_key]),
            "accounts-convert": f"{reverse('accounts-convert-managed', args=[self.enabled.space_key])}"
            f"?member={self.enabled.members.get(unique_id='nao').scim_id}",
            "provisioning-month": f"{reverse('provisioning', args=[self.enabled.space_key])}?window=30d",
            "token-issuer": reverse("token-issuer", args=[self.enabled.space_key, token.pk]),
            "member-protected": reverse("member", args=[self.enabled.space_key, self.aiko.scim_id]),
            "member-edit": reverse("member-edit", args=[self.enabled.space_key, self.kenji.scim_id]),
            "member-deactivate": reverse("member-deactivate", args=[self.enabled.space_key, self.kenji.scim_id]),
            "member-old": reverse("member", args=[self.enabled.space_key, self.member("old").scim_id]),
            "member-nulab": reverse("member", args=[self.enabled.space_key, self.member("nao").scim_id]),
            "member-new": reverse("member-new", args=[self.enabled.space_key]),
            "member-new-locked": reverse("member-new", args=[self.locked.space_key]),
            "members-import": reverse("members-import", args=[self.enabled.space_key]),
            "members-none": reverse("members", args=[self.enabled.space_key]) + "?q=nobody&sort=-sync",
            **{name: self.for_several(name) for name in ("members-role", "members-licence-assign", "members-remove")},
            "invitations": reverse("invitations", args=[self.enabled.space_key]),
            "invite": reverse("invite", args=[self.enabled.space_key]),
            "general-id": reverse("general-id", args=[self.enabled.space_key]),
            "domain-remove": reverse("domain-remove", args=[self.enabled.space_key, "aozora.example"]),
            "teams-none": reverse("teams", args=[self.locked.space_key]),
            "team-rules": reverse("team-rules", args=[self.enabled.space_key]),
            "team-create": reverse("team-create", args=[self.enabled.space_key]),
            **{name: reverse(name, args=[self.enabled.space_key, team.scim_id]) for name in TEAM_PAGES},
            **{name: reverse(name) for name in ("profile", "own-name", "own-address", "own-delete")},
            "own-leave": reverse("own-leave", args=[self.ready.space_key]),
            **{f"guide-{idp}": reverse("guide", args=[self.enabled.space_key, idp]) for idp in GUIDES},
            "security": reverse("security"),
            "security-password": reverse("security-password"),
            "security-authenticator": reverse("security-authenticator"),
        }


@pytest.fixture
def company(live_server: Any, aozora: Organization, aiko: Member, operator: Actor) -> Company:
    idp = Idp(aozora, secret=scim_token(aozora)[1])
    push_people(idp)
    people(aozora, page_actor(aiko))
    ready = real_organization("Minato Works", "minato", "hiro@minato.example")
    locked = Organization.objects.register(name="北山デザイン-" + "Kitayama" * 6, slug="kitayama", by=operator)
    for organization in (ready, locked):
        Member.objects.add(organization, aiko.account, role=Role.ADMIN, by=operator)
    Domain.objects.add(aozora, "blue.example", by=page_actor(aiko))
    Invitation.objects.invite(aiko, "gina.b@partner.example", role=Role.GUEST, by=page_actor(aiko))
    kenji = aozora.members.get(account__user_name="kenji@aozora.example")
    kenji.change_profile({"display_name": "森 健二郎 (東京)"}, by=page_actor(aiko))
    return Company(enabled=aozora, ready=ready, locked=locked, aiko=aiko, kenji=kenji)


def push_people(idp: Idp) -> None:
    """What the identity provider did today, refusals included."""
    idp.create("kenji", displayName="森 健二", externalId="1001", roles=[{"value": "USER"}], department="営業")
    yuki = idp.create("yuki", displayName="阿部 由紀", externalId="1002", timezone="Mars/Olympus")
    emi = idp.create("emi", displayName="Emi Ueda", externalId="1003", roles=[{"value": "ADMIN"}])
    kenji = idp.find('userName eq "kenji@aozora.example"')["Resources"][0]
    idp.patch(kenji["id"], replace("displayName", "森 健二郎"), replace("preferredLanguage", "ja"))
    idp.patch(yuki["id"], replace("active", False))
    for number in range(12):
        idp.post({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"n{number}@unknown.example"})
    idp.find('title eq "Designer"')
    # Emi has left, but a token stands in her name: a banner says so on every page.
    scim_token(idp.organization, issuer=idp.member(emi))
    idp.patch(emi["id"], replace("active", False))
    Idp(idp.organization, secret="wrong").get()


def people(organization: Organization, by: Actor) -> None:
    """Every account type, Japanese and English names, teams and licences."""
    mia = managed(organization, "mia", by=by)
    nulab(organization, "nao", role=Role.GUEST)
    nulab(organization, "gina", email="gina@partner.example")
    old = managed(organization, "old", by=by, display_name="Featherstonehaugh" + "Wolfeschlegelsteinhausen" * 4)
    Account.objects.filter(pk=old.account_id).update(created_at="2020-05-01T00:00:00Z")
    for number in range(8):
        provisioned(organization, f"p{number}", display_name=f"田中 {number}子")
    team = Team.objects.create_team(organization, "Design", by=by)
    team.add(mia, by=by)
    # A rule that nobody can be given: no licence is there.
    Subscription.objects.buy(organization, Product.TYPETALK, 0, by=by)
    writers = Team.objects.create_team(organization, "Writers" + "Wolfeschlegelsteinhausen" * 3, by=by)
    TeamRule.objects.create_rule(writers, Gives.TYPETALK, by=by)
    writers.add(old, by=by)
    mia.assign_licence(Product.CACOO, by=by)


@pytest.fixture
def prefers(company: Company) -> Callable[[str, str], None]:
    """Aiko reads in this language and theme."""

    def prefer(language: str, theme: str) -> None:
        account = company.aiko.account
        account.prefer(by=page_actor(company.aiko), language=language, theme=theme, time_zone="Asia/Tokyo")

    return prefer
