"""The demo identity provider pushes its people at the running site as Microsoft Entra ID would."""

import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from demo import entra
from demo.people import Colleague
from members.models import Account, Member, Organization, Role
from provisioning.models import ProvisioningSettings, SyncActivity
from tests.cast import OPERATOR, managed, scim_token
from tests.cast.demo_idp import Visitor
from tests.processes import free_port

FLAG = "?aadOptscim062020"


@pytest.fixture
def connected(visitor: Visitor, live_server: Any, aozora: Organization) -> Visitor:
    visitor.connect(aozora)
    return visitor


def kenji_of(organization: Organization) -> Member:
    return organization.members.select_related("account").get(unique_id="kenji.mori")


# -- against the running site


def test_connecting_tests_the_connection(visitor: Visitor, live_server: Any, aozora: Organization) -> None:
    assert "The connection works." in visitor.connect(aozora)
    assert "The connection works." in visitor.press("/connection/test")


def test_a_wrong_token_is_told(visitor: Visitor, live_server: Any, aozora: Organization) -> None:
    url = ProvisioningSettings.of(aozora).scim_url

    page = visitor.press("/connection", scim_url=url, token="nlb_scim_wrong", domain="aozora.example")

    assert "401: Authorization failure. invalid token." in page


def test_a_created_person_appears_in_this_organization_only(
    connected: Visitor, aozora: Organization, hakata: Organization
) -> None:
    page = connected.press("/people/kenji.mori/create")

    assert "Created Kenji Mori" in page
    kenji = kenji_of(aozora)
    assert (kenji.account.type, kenji.account.email) == (Account.Type.PROVISIONED, "kenji.mori@aozora.example")
    assert (kenji.role, kenji.account.language) == (Role.USER, "ja")
    assert not hakata.members.filter(unique_id="kenji.mori").exists()
    assert not SyncActivity.objects.filter(organization=hakata).exists()


def test_the_people_are_in_the_chosen_domain(visitor: Visitor, live_server: Any, hakata: Organization) -> None:
    visitor.connect(hakata, domain="hakata.example")

    visitor.press("/people/mia.ito/create")

    assert hakata.members.filter(account__email="mia.ito@hakata.example").exists()


def test_whoever_is_there_already_is_matched_and_brought_up_to_date(connected: Visitor, aozora: Organization) -> None:
    mia = managed(aozora, "mia.ito", display_name="M. Ito")

    page = connected.press("/people/mia.ito/create")

    assert "Changed Mia Ito" in page
    mia = aozora.members.select_related("account").get(pk=mia.pk)
    assert (mia.account.type, mia.account.name) == (Account.Type.PROVISIONED, "Mia Ito")
    assert "nothing differs" in connected.press("/people/mia.ito/create")


def test_whoever_was_deactivated_is_switched_on_when_matched(connected: Visitor, aozora: Organization) -> None:
    managed(aozora, "kenji.mori", unique_id="kenji.mori", is_active=False)

    connected.press("/people/kenji.mori/create")

    assert {"op": "Replace", "path": "active", "value": "True"} in connected.last_body()["Operations"]
    assert kenji_of(aozora).account.is_active


@pytest.mark.parametrize("query", ["", FLAG], ids=["plain", "compliant"])
def test_a_life_from_creation_to_deletion(visitor: Visitor, live_server: Any, aozora: Organization, query: str) -> None:
    visitor.connect(aozora, query)
    visitor.press("/people/kenji.mori/create")

    new = {"display_name": "Kenji Endo", "family_name": "Endo", "role": "ADMIN", "email": "kenji.endo@aozora.example"}
    visitor.change("kenji.mori", **new)
    kenji = kenji_of(aozora)
    assert (kenji.account.name, kenji.account.email) == ("Kenji Endo", "kenji.endo@aozora.example")
    assert kenji.role == Role.ADMIN
    assert kenji.account.user_name == "kenji.mori@aozora.example"

    assert "Inactive" in visitor.press("/people/kenji.mori/deactivate")
    assert not kenji_of(aozora).account.is_active
    visitor.press("/people/kenji.mori/reactivate")
    assert kenji_of(aozora).account.is_active
    visitor.press("/people/kenji.mori/delete")
    assert not aozora.members.filter(unique_id="kenji.mori").exists()
    assert all(exchange.is_success for exchange in visitor.server.idp.exchanges)


def test_only_what_changed_in_the_directory_is_sent(connected: Visitor) -> None:
    connected.press("/people/kenji.mori/create")

    connected.change("kenji.mori", nickname="kenji")

    assert connected.last_body()["Operations"] == [{"op": "Add", "path": "nickName", "value": "kenji"}]


def test_a_refused_change_is_sent_again_next_time(connected: Visitor, aozora: Organization) -> None:
    connected.press("/people/kenji.mori/create")
    page = connected.change("kenji.mori", user_name="kenji@elsewhere.example")
    assert "The e-mail domain “elsewhere.example” is not verified" in page

    connected.change("kenji.mori", user_name="kenji.endo@aozora.example")

    assert kenji_of(aozora).account.user_name == "kenji.endo@aozora.example"


def test_somebody_deleted_on_the_site_is_created_again_under_another_id(
    connected: Visitor, aozora: Organization
) -> None:
    connected.press("/people/kenji.mori/create")
    former = kenji_of(aozora)
    former.remove(by=OPERATOR)

    connected.press("/people/kenji.mori/create")

    assert kenji_of(aozora).scim_id != former.scim_id


def test_a_change_before_provisioning_stays_in_the_directory(connected: Visitor, aozora: Organization) -> None:
    page = connected.change("kenji.mori", display_name="Kenji Endo")

    assert "is not provisioned yet" in page
    assert aozora.members.count() == 1


def test_the_token_is_shown_nowhere(visitor: Visitor, live_server: Any, aozora: Organization) -> None:
    secret = scim_token(aozora)[1]
    url = ProvisioningSettings.of(aozora).scim_url
    visitor.press("/connection", scim_url=url, token=secret, domain="aozora.example")

    page = visitor.press("/people/kenji.mori/create")

    assert secret[:12] in page
    assert secret[:20] not in page


# -- by itself


def test_without_a_connection_it_asks_for_one(visitor: Visitor) -> None:
    assert "Paste the SCIM URL and the SCIM token first." in visitor.press("/people/kenji.mori/create")


def test_a_site_that_does_not_answer_is_told(visitor: Visitor) -> None:
    nowhere = f"http://localhost:{free_port()}/spaces/A/scim/v2/"

    page = visitor.press("/connection", scim_url=nowhere, token="nlb_scim_x", domain="aozora.example")

    assert "No answer: [Errno" in page


def test_a_wrong_address_is_explained_beside_its_field(visitor: Visitor) -> None:
    wrong = {"scim_url": "file:///etc/passwd", "token": "nlb_scim_x", "domain": "aozora.example"}

    status, page = visitor.ask("POST", "/connection", wrong)

    assert status == 422
    assert "Paste the whole SCIM URL" in page
    assert "nlb_scim_x" not in page


@pytest.mark.parametrize(
    ("header", "value"),
    [("Origin", "http://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Host", "evil.example")],
)
def test_a_form_from_elsewhere_is_refused(visitor: Visitor, header: str, value: str) -> None:
    assert visitor.ask("POST", "/people/kenji.mori/deactivate", None, **{header: value})[0] == 403
    assert visitor.server.idp.people["kenji.mori"].is_enabled


def test_a_name_rebound_to_it_sees_nothing(visitor: Visitor) -> None:
    status, page = visitor.ask("GET", "/", Host="evil.example")

    assert (status, "Kenji" in page) == (421, False)


@pytest.mark.parametrize(
    "path", ["/static/../manage.py", "/static/%2e%2e/manage.py", "/static/nothing.css", "/people/x"]
)
def test_nothing_else_is_served(visitor: Visitor, path: str) -> None:
    assert visitor.ask("GET", path)[0] == 404


def test_its_pages_obey_a_strict_policy(visitor: Visitor) -> None:
    page = visitor.page() + visitor.page("/people/kenji.mori")

    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)
    for sheet in set(re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)):
        assert visitor.ask("GET", sheet)[0] == 200


def test_it_is_for_trying_out_only(db: None) -> None:
    with pytest.raises(CommandError, match="DEBUG=1"):
        call_command("demo_idp")


def test_a_taken_port_is_told(visitor: Visitor, settings: Any) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match=f"Port {visitor.port} cannot be used: Address already in use"):
        call_command("demo_idp", "--port", str(visitor.port))


# -- Entra's words

MIA = Colleague("mia", "Mia Ito").in_directory()


def test_a_creation_is_entras_to_the_letter() -> None:
    """https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups#create-user"""
    assert entra.create(MIA) == entra.Request(
        "POST",
        "/Users",
        {
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:User",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            ],
            "externalId": MIA.object_id,
            "userName": "mia@aozora.example",
            "active": True,
            "displayName": "Mia Ito",
            "emails": [{"primary": True, "type": "work", "value": "mia@aozora.example"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "Mia Ito", "familyName": "Ito", "givenName": "Mia"},
            "preferredLanguage": "en-US",
            "roles": [{"primary": True, "type": "WindowsAzureActiveDirectoryRole", "value": "USER"}],
        },
    )


@pytest.mark.parametrize(
    ("compliant", "operation"),
    [
        (False, {"op": "Replace", "path": "active", "value": "False"}),
        (True, {"op": "replace", "path": "active", "value": False}),
    ],
)
def test_a_deactivation_is_said_in_either_dialect(compliant: bool, operation: dict[str, Any]) -> None:
    body = entra.switch("1", False, compliant=compliant).body
    assert body is not None
    assert body["Operations"] == [operation]


def test_a_quote_in_a_user_name_stays_within_the_filter() -> None:
    assert entra.search('a"b').decoded == r'GET /Users?filter=userName eq "a\"b"'
    assert json.loads(entra.search('a"b').decoded.partition(" eq ")[2]) == 'a"b'
