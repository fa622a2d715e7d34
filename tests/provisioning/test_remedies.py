"""Every refusal that an identity provider can meet with says what to do there, and on which screen."""

import ast
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from members.models import Organization
from provisioning.models import BadTokenCount
from provisioning.monitoring.remedies import remedy_for
from tests.cast.console import text
from tests.cast.every_refusal import every_refusal
from tests.scim import Idp, user

# Files that the SCIM door runs through. A refusal made in one of these reaches the wire, unless it stands below.
ON_THE_WAY = [
    "provisioning/scim/**/*.py", "provisioning/guards.py", "saml/guards.py", "members/values.py",
    "members/models/account.py", "members/models/address.py", "members/models/licence.py", "members/models/member/*.py",
]  # fmt: skip
# Made by verbs that no identity provider calls, or for people only; KeptOut is an answer without an error.
ON_PAGES_ONLY = {
    "ActiveOnly", "AdministratorElsewhere", "AlreadyManaged", "AlreadyMember", "AtLeastByRule", "AtMostMember",
    "HasNoPassword", "LicenceByRule",
    "InRow", "InactiveHoldsNoLicence", "InvalidDomain", "InvalidOrganizationId", "KeptOut", "LastDomain", "NameMissing",
    "NeedsNoUpdate", "NoNulabInSandbox", "NoPlanAdmin", "NotLocked", "PassBelongsToManaged", "ReactivationByIdp",
    "PasswordChanged", "ReservedForSandbox", "SamlIsNeeded",
}  # fmt: skip


def made() -> set[str]:
    """The names that are raised there, with figures or without, or called, as those are that are returned."""
    names = set()
    for pattern in ON_THE_WAY:
        files = list(settings.BASE_DIR.glob(pattern))
        assert files, pattern
        for path in files:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                # `missing` is what a resource's steps raise of an id that is nobody's.
                is_named = isinstance(node, ast.keyword) and node.arg == "missing"
                part = "value" if is_named else "exc" if isinstance(node, ast.Raise) else "func"
                kind: Any = getattr(node, part, None)
                names.add(getattr(kind, "attr", "") or getattr(kind, "id", ""))
    return names


REFUSALS = {kind.__name__: kind for kind in every_refusal().values()}
ON_THE_WIRE = sorted((made() & REFUSALS.keys()) - ON_PAGES_ONLY)


def test_the_list_of_refusals_is_not_empty_by_mistake() -> None:
    assert {"InvalidFilter", "NoSuchUser", "DomainNotVerified", "NoFreeLicence", "IsTokenIssuer"} <= set(ON_THE_WIRE)


@pytest.mark.parametrize("name", ON_THE_WIRE)
def test_every_refusal_on_the_wire_has_a_remedy_with_the_screens_of_the_idps(name: str) -> None:
    remedy = remedy_for(REFUSALS[name].code)

    assert remedy is not None
    assert str(remedy.action).endswith(".")
    assert [place.idp for place in remedy.places] == ["Microsoft Entra ID", "Okta", "OneLogin", "CloudGate UNO"]
    assert all(place.screen for place in remedy.places)


def test_what_no_identity_provider_can_meet_with_has_none() -> None:
    assert remedy_for("already_managed") is None
    assert remedy_for("no_such_code") is None


# -- on the page


def activity(desk: Client, organization: Organization, **query: str) -> Any:
    return desk.get(reverse("activity", args=[organization.space_key]), query)


def test_a_refused_call_says_the_cause_the_page_here_and_the_screen_there(desk: Client, aozora: Organization) -> None:
    Idp(aozora).post(user("mia@elsewhere.example"))

    shown = activity(desk, aozora)

    assert "“elsewhere.example” is not verified" in text(shown)
    assert "Enterprise applications › (your application) › Provisioning › Attribute mapping" in text(shown)
    assert "Provisioning › To App › Attribute Mappings" in text(shown)
    assert f'href="{reverse("domains", args=[aozora.space_key])}"' in shown.content.decode()


def test_a_request_is_found_by_the_number_that_the_idp_was_given(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    idp, neighbour = Idp(aozora), Idp(hakata)
    wanted = idp.post(user("mia@elsewhere.example")).headers["x-request-id"]
    idp.get()
    theirs = neighbour.get().headers["x-request-id"]

    assert [call.request_id for call in activity(desk, aozora, account=wanted.upper()).context["page"].rows] == [wanted]
    assert not activity(desk, aozora, account=theirs).context["page"].rows


def test_a_flood_says_from_when_to_when_how_often_and_for_how_many(desk: Client, aozora: Organization) -> None:
    idp = Idp(aozora)
    calls = [idp.post(user(f"{name}@elsewhere.example")) for name in ("mia", "kenji", "mia")]

    shown = activity(desk, aozora)

    (flood,) = shown.context["floods"]
    assert (flood["times"], flood["people"]) == (len(calls), 2)
    assert flood["first"] < flood["until"]
    assert "3 times" in text(shown)
    assert "2 accounts" in text(shown)
    narrowed = activity(desk, aozora, cause=str(flood["last"]))
    assert not narrowed.context["floods"]
    assert "Only requests refused for this cause: The e-mail domain" in text(narrowed)


def test_calls_with_a_bad_token_are_shown_by_address_and_minute(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    Idp(aozora, secret="wrong").get()
    BadTokenCount.count(aozora.pk, "192.0.2.77")
    BadTokenCount.count(hakata.pk, "192.0.2.99")

    shown = text(activity(desk, aozora))

    assert "2 requests in the last 24 hours came with an invalid token" in shown
    assert "192.0.2.77" in shown
    assert "192.0.2.99" not in shown
