"""Errors in SCIM's words, and what django-scim2 does if one lets it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from members.models import Member, Organization, Product, Subscription
from provisioning.models import ProvisioningSettings, ScimToken
from tests.cast import OPERATOR, page_actor
from tests.scim import CORE, ERROR, LIST, Answer, Idp, replace, user

UNKNOWN = "5171a35d82074e068ce2"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", f"/Users/{UNKNOWN}", None, 404, "There is no user with the id"),
        ("PUT", f"/Users/{UNKNOWN}", user("x@aozora.example"), 404, "There is no user with the id"),
        ("PATCH", f"/Users/{UNKNOWN}", {"Operations": []}, 404, "There is no user with the id"),
        ("DELETE", f"/Users/{UNKNOWN}", None, 404, "There is no user with the id"),
        ("GET", "/Persons", None, 404, "Check the SCIM URL"),
        ("GET", "/Users/1/2", None, 404, "Check the SCIM URL"),
        ("GET", "/users", None, 404, "Check the SCIM URL"),
        ("GET", f"/Groups/{UNKNOWN}", None, 404, "There is no group with the id"),
        ("PUT", f"/Groups/{UNKNOWN}", {"displayName": "Sales"}, 404, "There is no group with the id"),
        ("PATCH", f"/Groups/{UNKNOWN}", {"Operations": []}, 404, "There is no group with the id"),
        ("DELETE", f"/Groups/{UNKNOWN}", None, 404, "There is no group with the id"),
        ("POST", "/Groups", {"externalId": "7f"}, 400, "displayName is required"),
        ("DELETE", "/Groups", None, 405, "Supported methods: GET, HEAD, POST"),
        ("DELETE", "/Users", None, 405, "Supported methods: GET, HEAD, POST"),
        ("PUT", "/Users", {}, 405, "Supported methods: GET, HEAD, POST"),
        ("POST", f"/Users/{UNKNOWN}", {}, 405, "Supported methods: GET, HEAD, PUT, PATCH, DELETE"),
        ("GET", "/Me", None, 501, "belongs to an identity provider, not to a person"),
        ("PATCH", "/Me", {}, 501, "there is no “Me”"),
        ("HEAD", "/Me", None, 501, None),
        ("HEAD", "/Users/.search", None, 405, None),
        ("BREW", "/Users", None, 405, "BREW is not supported"),
        ("POST", "/Schemas", {}, 405, "Supported methods: GET, HEAD"),
        ("GET", "/Users/.search", None, 405, "Supported methods: POST"),
        ("GET", "/Schemas?filter=id+pr", None, 403, "does not support filters"),
        ("GET", "/ServiceProviderConfig?filter=x", None, 403, "does not support filters"),
        ("POST", "/Bulk", {}, 400, "needs a list of “Operations”"),
        ("GET", "/.search", None, 405, "Supported methods: POST"),
        ("POST", "/", {}, 405, "Supported methods: GET, HEAD"),
    ],
)
def test_an_impossible_call_is_answered_in_scims_words(
    idp: Idp, method: str, path: str, body: Any, status: int, words: str | None
) -> None:
    answer = idp.call(method, path, body)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.headers["x-request-id"]
    if words:
        assert (answer["schemas"], answer["status"]) == ([ERROR], str(status))
        assert words in answer.detail
    assert idp.last_activity().request_id == answer.headers["x-request-id"]


def test_the_detail_is_english_whatever_language_the_last_page_was_in(idp: Idp) -> None:
    with translation.override("ja"):
        answer = idp.read(UNKNOWN)

    assert answer.detail.startswith("There is no user with the id")


def test_a_closed_door_says_why_and_keeps_the_token(idp: Idp, aozora: Organization, aiko: Member) -> None:
    kinds: tuple[Callable[[], Answer], ...] = (
        idp.get,
        lambda: idp.post(user("x@aozora.example")),
        lambda: idp.get("/Schemas"),
        lambda: idp.delete("x"),
    )
    ProvisioningSettings.of(aozora).disable(by=page_actor(aiko))
    for call in kinds:
        assert (call().status, "User provisioning is disabled" in call().detail) == (403, True)

    ProvisioningSettings.of(aozora).enable(issuer=aiko, by=page_actor(aiko))
    Subscription.objects.get(organization=aozora, product=Product.PASS).end(by=OPERATOR)
    for call in kinds:
        assert (call().status, "Nulab Pass subscription has ended" in call().detail) == (403, True)

    Subscription.objects.buy(aozora, Product.PASS, 100, by=OPERATOR)
    assert idp.get().status == 200
    assert ScimToken.objects.get(organization=aozora).is_live


def test_a_refusal_has_figures_for_the_reader_and_the_same_sentence_in_japanese(idp: Idp) -> None:
    answer = idp.post(user("nao@elsewhere.example"))

    activity = idp.last_activity()
    assert (activity.reason, activity.figures) == ("domain_not_verified", {"domain": "elsewhere.example"})
    assert activity.explanation == activity.detail == answer.detail
    with translation.override("ja"):
        assert activity.explanation != answer.detail
        assert "elsewhere.example" in activity.explanation


def test_what_nobody_expected_is_a_scim_error_with_a_number(idp: Idp, monkeypatch: pytest.MonkeyPatch) -> None:
    made = idp.create("nao")

    def burst(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(Member, "mark_provisioned", burst)
    answer = idp.patch(made["id"], replace("displayName", "N"))

    assert (answer.status, answer["status"]) == (500, "500")
    assert answer.headers["x-request-id"] in answer.detail
    assert "fire" not in answer.content.decode()
    assert idp.read(made["id"]).body == made.body


# -- What django-scim2 does if one lets it, and what becomes of each of these here (docs/scim.md)


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create("nao", externalId="n-1")


def test_an_or_in_a_filter_does_not_leave_the_organization(idp: Idp, next_door: Idp, nao: Answer) -> None:
    next_door.create("nao", externalId="n-1")

    answer = idp.find('externalId eq "n-1" or userName sw "nao" or active eq true')

    assert {name.rpartition("@")[2] for name in answer.names} == {"aozora.example"}


def test_a_deletion_by_a_number_or_another_id_deletes_nobody(idp: Idp, next_door: Idp, nao: Answer) -> None:
    everybody = Member.objects.count()

    for pk in Member.objects.values_list("pk", flat=True):
        assert idp.delete(str(pk)).status == 404
    for name in ("n-1", "nao", "nao@aozora.example", nao["id"].upper() + "x"):
        assert idp.delete(name).status == 404

    assert Member.objects.count() == everybody


def test_an_unknown_attribute_does_not_vanish_from_a_filter(idp: Idp, nao: Answer) -> None:
    for filter_text in ('colour eq "red"', 'colour eq "red" or userName pr', 'userName pr and not (colour eq "red")'):
        assert idp.find(filter_text).status == 400


@pytest.mark.parametrize(
    "operation",
    [
        {"path": "active", "value": False},
        {"op": "replace", "value": True},
        {"op": "replace", "value": ["x"]},
        {"op": "replace", "path": "[", "value": 1},
        {"op": "replace", "path": "emails[", "value": 1},
        {"op": "replace", "path": "userName", "value": "aiko.tanaka@aozora.example"},
    ],
    ids=repr,
)
def test_an_odd_patch_is_refused_not_stumbled_over(idp: Idp, nao: Answer, operation: dict[str, Any]) -> None:
    assert idp.patch(nao["id"], operation).status in (400, 409)


def test_twenty_seven_terms_are_no_trouble(idp: Idp, nao: Answer) -> None:
    answer = idp.find(
        " or ".join(f'userName eq "nao{number}@aozora.example"' for number in range(26)) + ' or externalId eq "n-1"'
    )

    assert answer.names == ["nao@aozora.example"]


def test_and_binds_closer_than_or_and_quotes_may_be_escaped(idp: Idp, nao: Answer) -> None:
    quoted = idp.create("quoted", displayName='Say "so"')

    assert idp.find('externalId eq "n-1" or externalId eq "x" and active eq false').names == ["nao@aozora.example"]
    assert idp.find('displayName eq "Say \\"so\\""')["Resources"] == [quoted.body]


def test_a_conflict_never_carries_the_databases_words(idp: Idp, nao: Answer) -> None:
    answer = idp.post(user("nao@aozora.example"))

    assert answer.status == 409
    assert not any(word in answer.detail.lower() for word in ("constraint", "unique", "key", "members_"))


def test_status_is_a_string_in_every_error(idp: Idp, nao: Answer) -> None:
    answers = (
        idp.read("x"),
        idp.post([]),
        idp.post(user("nao@aozora.example")),
        idp.call("PUT", "/Users"),
        idp.get("/Me"),
    )

    assert [answer["status"] for answer in answers] == ["404", "400", "409", "405", "501"]


def test_addresses_with_a_slash_and_unknown_ones_are_scim(idp: Idp) -> None:
    assert idp.get("/Users/")["schemas"] == [LIST]
    for path in ("/Users/x/y", "/nowhere", "/Users/x/"):
        assert idp.get(path).headers["content-type"] == "application/scim+json"


def test_a_post_to_a_users_address_creates_nobody(idp: Idp, nao: Answer) -> None:
    assert idp.post(user("other@aozora.example"), f"/Users/{nao['id']}").status == 405
    assert idp.find('userName eq "other@aozora.example"')["totalResults"] == 0


def test_a_put_replaces(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("displayName", "N"), replace("name.givenName", "G"))

    answer = idp.put(nao["id"], {"schemas": [CORE], "userName": "nao@aozora.example", "name": {"familyName": "F"}})

    assert answer["name"] == {"familyName": "F"}
    assert "displayName" not in answer.body


def test_a_post_without_user_name_creates_nobody(idp: Idp) -> None:
    before = idp.organization.members.count()

    assert idp.post({"schemas": [CORE], "displayName": "Nobody"}).status == 400
    assert idp.organization.members.count() == before


def test_an_enormous_count_does_not_return_everything(idp: Idp, nao: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.scim.wire.requests.MAX_PAGE", 1)

    assert idp.get(f"/Users?count={10**20}")["itemsPerPage"] == 1


def test_the_id_survives_every_write(idp: Idp, nao: Answer) -> None:
    for answer in (
        idp.patch(nao["id"], replace("userName", "n@aozora.example")),
        idp.put(nao["id"], user("n2@aozora.example", id="1", externalId="1")),
        idp.patch(nao["id"], replace("active", False)),
    ):
        assert answer["id"] == nao["id"]


def test_a_refused_write_leaves_nothing_half_done(idp: Idp, nao: Answer) -> None:
    """django-scim2 answers inside `dispatch`; a transaction around the request would be committed."""
    answer = idp.patch(nao["id"], replace("displayName", "Half"), replace("userName", "aiko.tanaka@aozora.example"))

    assert answer.status == 409
    assert idp.read(nao["id"]).body == nao.body
