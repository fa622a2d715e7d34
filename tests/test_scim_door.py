"""Who is let in, who is counted, and when the door is closed to a good token."""

import datetime
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Account, Member, Organization, Product, Role, Subscription
from provisioning.models import BadTokenCount, Lifetime, ProvisioningSettings, ScimToken, SyncActivity
from tests.cast import OPERATOR, page_actor, provisioned
from tests.rows import fresh
from tests.scim import ERROR, Answer, Idp, replace, user

BODY = (
    b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],'
    b'"status":"401","detail":"Authorization failure. invalid token."}'
)
A_SECOND, A_MINUTE = datetime.timedelta(seconds=1), datetime.timedelta(minutes=1)


def token_of(idp: Idp) -> ScimToken:
    return ScimToken.objects.get(organization=idp.organization)


# -- a bad token


def test_the_refusal_is_the_contracts_to_the_letter(idp: Idp) -> None:
    answer = idp.get(headers={"Authorization": "Bearer x"})

    assert (answer.status, answer.content) == (401, BODY)


@pytest.mark.parametrize("form", ["{prefix}", "{hash}", "{lower}", '"{secret}"', "{secret} x"])
def test_what_is_known_of_a_token_is_no_token(idp: Idp, form: str) -> None:
    token = token_of(idp)
    sent = form.format(prefix=token.prefix, hash=token.hash, lower=idp.secret.lower(), secret=idp.secret)

    assert idp.get(headers={"Authorization": f"Bearer {sent}"}).content == BODY


def test_a_token_in_the_address_the_body_or_a_cookie_opens_nothing(idp: Idp) -> None:
    for name in ("token", "access_token", "Authorization"):
        assert idp.get(f"/Users?{name}={idp.secret}", headers={"Authorization": ""}).content == BODY
        assert idp.get(headers={"Authorization": "", "Cookie": f"{name}={idp.secret}"}).content == BODY
        sent = {name: idp.secret, **user("x@aozora.example")}
        assert idp.post(sent, headers={"Authorization": ""}).content == BODY


def test_a_signed_in_administrator_needs_a_token_too(idp: Idp, aiko: Member) -> None:
    idp.client.force_login(aiko.account, backend="members.signin.PasswordBackend")

    assert idp.get(headers={"Authorization": ""}).content == BODY


@pytest.mark.parametrize("path", ["/Users", "/Users/x", "/Users/.search", "/Bulk", "/Groups", "/Schemas"])
def test_the_token_is_asked_for_before_method_media_type_and_body(idp: Idp, path: str) -> None:
    for method, body in (("POST", b"{"), ("PROPFIND", None)):
        answer = idp.call(method, path, body, headers={"Authorization": "Bearer x"}, content_type="text/plain")
        assert answer.content == BODY


def test_a_token_is_refused_from_the_moment_of_its_expiry(idp: Idp) -> None:
    end = timezone.now() + 2 * A_MINUTE
    ScimToken.objects.update(expires_at=end)

    for now, status in ((end - A_SECOND, 200), (end, 401), (end + A_MINUTE, 401)):
        with patch("django.utils.timezone.now", return_value=now):
            assert idp.get().status == status


def test_a_token_that_never_expires_goes_on(aozora: Organization, aiko: Member) -> None:
    settings = ProvisioningSettings.of(aozora)
    idp = Idp(aozora, secret=settings.enable(issuer=aiko, by=page_actor(aiko), lifetime=Lifetime.NEVER) or "")

    with patch("django.utils.timezone.now", return_value=timezone.now() + datetime.timedelta(days=3000)):
        assert idp.get().status == 200


def test_a_token_goes_on_under_another_issuer_whose_language_is_the_new_default(idp: Idp, aiko: Member) -> None:
    kenji = provisioned(idp.organization, "kenji", role=Role.ADMIN, language="ja", time_zone="Asia/Tokyo")

    token_of(idp).change_issuer(kenji, by=page_actor(aiko))

    created = idp.create("nao")
    assert (created["preferredLanguage"], created["timezone"]) == ("ja", "Asia/Tokyo")


def test_a_renamed_organization_keeps_its_scim_url(idp: Idp, aiko: Member) -> None:
    idp.organization.rename(slug="aozora-new", name="Aozora New", by=page_actor(aiko))

    assert idp.get().status == 200


# -- counted, not stored


def test_bad_tokens_are_counted_by_address_and_minute(idp: Idp) -> None:
    start = timezone.now().replace(second=10, microsecond=0)
    calls = [(0, "192.0.2.1"), (0, "192.0.2.1"), (49, "192.0.2.1"), (50, "192.0.2.1"), (0, "192.0.2.2"), (0, "::1")]

    for seconds, address in calls:
        with patch("django.utils.timezone.now", return_value=start + seconds * A_SECOND):
            assert idp.get(headers={"Authorization": "Bearer x"}, REMOTE_ADDR=address).status == 401

    minute = start.replace(second=0)
    counted = BadTokenCount.objects.values_list("organization", "address", "minute", "calls").order_by("pk")
    assert list(counted) == [
        (idp.organization.pk, "192.0.2.1", minute, 3),
        (idp.organization.pk, "192.0.2.1", minute + A_MINUTE, 1),
        (idp.organization.pk, "192.0.2.2", minute, 1),
        (idp.organization.pk, "::1", minute, 1),
    ]
    assert not SyncActivity.objects.exists()


def test_an_address_that_the_client_invents_is_not_counted(idp: Idp) -> None:
    idp.get(headers={"Authorization": "Bearer x", "X-Forwarded-For": "203.0.113.9"})

    assert BadTokenCount.objects.get().address == "127.0.0.1"


def test_behind_a_proxy_the_address_that_it_saw_is_counted(idp: Idp, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    for forwarded in ("203.0.113.9", "198.51.100.1, 203.0.113.9", "not an address, 203.0.113.9"):
        idp.get(headers={"Authorization": "Bearer x", "X-Forwarded-For": forwarded})

    assert [(row.address, row.calls) for row in BadTokenCount.objects.all()] == [("203.0.113.9", 3)]


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("no address", "127.0.0.1"),
        ("unknown", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("x" * 300, "127.0.0.1"),
    ],
    ids=lambda value: value[:20],
)
def test_a_proxys_port_is_left_out_and_its_nonsense_passed_over(
    idp: Idp, settings: Any, forwarded: str, counted: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    header = {"X-Forwarded-For": forwarded}

    assert idp.get(headers={"Authorization": "Bearer x", **header}).status == 401
    assert idp.post(user("nao@aozora.example"), headers=header).status == 201
    assert BadTokenCount.objects.get().address == counted
    assert idp.organization.audit.order_by("-pk")[0].ip_address == counted


def test_guessing_where_nobody_lives_fills_no_table(idp: Idp) -> None:
    idp.base = "/spaces/NOSUCHKEY0/scim/v2"

    assert idp.get().content == BODY
    assert not BadTokenCount.objects.exists()


# -- last used


def test_the_last_use_is_written_once_a_minute(idp: Idp) -> None:
    start = timezone.now()
    uses = []

    for seconds in (0, 30, 59, 60, 61):
        with patch("django.utils.timezone.now", return_value=start + seconds * A_SECOND):
            idp.get()
        uses.append((token_of(idp).last_used_at or start) - start)

    assert uses == [0 * A_SECOND, 0 * A_SECOND, 0 * A_SECOND, A_MINUTE, A_MINUTE]


def test_a_read_within_the_minute_writes_nothing_but_its_line(idp: Idp) -> None:
    idp.get()

    with CaptureQueriesContext(connection) as queries:
        idp.get()

    assert not [query["sql"] for query in queries if query["sql"].upper().startswith("UPDATE")]


def test_a_refused_call_is_a_use_too(idp: Idp) -> None:
    idp.get("/Users/nobody")

    assert token_of(idp).last_used_at is not None


# -- a closed door


CALLS = [
    ("GET", "/Users", None), ("GET", "/Users/{id}", None), ("POST", "/Users", user("x@aozora.example")),
    ("PATCH", "/Users/{id}", {"Operations": [replace("active", False)]}), ("DELETE", "/Users/{id}", None),
    ("GET", "/Schemas", None), ("GET", "/ServiceProviderConfig", None), ("POST", "/Users", b"{"),
]  # fmt: skip


def assert_closed(idp: Idp, member: Member, *words: str) -> None:
    for method, path, body in CALLS:
        answer: Answer = idp.call(method, path.format(id=member.scim_id), body)
        assert (answer.status, answer["status"], answer["schemas"]) == (403, "403", [ERROR]), (method, path)
        assert all(word in answer.detail for word in words), answer.detail
    assert fresh(member).account.is_active


def test_while_provisioning_is_disabled_every_call_is_told_so(idp: Idp, aiko: Member, kenji: Member) -> None:
    ProvisioningSettings.of(idp.organization).disable(by=page_actor(aiko))

    assert_closed(idp, kenji, "provisioning is disabled", "User Provisioning")
    assert idp.last_activity().reason == "provisioning_disabled"


def test_enabled_again_the_same_token_finds_everything_as_it_was(idp: Idp, aiko: Member, kenji: Member) -> None:
    settings = ProvisioningSettings.of(idp.organization)
    settings.disable(by=page_actor(aiko))
    assert token_of(idp).is_live

    issued = settings.enable(issuer=aiko, by=page_actor(aiko))

    assert issued is None, "a live token stands, so none is issued"
    assert (fresh(kenji).external_id, fresh(kenji).account.type) == ("kenji-1", Account.Type.PROVISIONED)
    assert idp.patch(kenji.scim_id, replace("active", False))["active"] is False


def test_a_bad_token_learns_nothing_from_a_closed_door(idp: Idp, aiko: Member) -> None:
    ProvisioningSettings.of(idp.organization).disable(by=page_actor(aiko))

    assert idp.get(headers={"Authorization": "Bearer x"}).content == BODY


def test_when_pass_has_ended_every_call_is_told_so_until_it_is_renewed(idp: Idp, kenji: Member) -> None:
    idp.organization.subscriptions.get(product=Product.PASS).end(by=OPERATOR)

    assert_closed(idp, kenji, "Pass subscription has ended", "Renew it")
    assert idp.last_activity().reason == "pass_has_ended"
    assert token_of(idp).is_live

    Subscription.objects.buy(idp.organization, Product.PASS, 10, by=OPERATOR)
    assert idp.get().status == 200


def test_the_neighbours_closed_door_closes_nobody_elses(idp: Idp, next_door: Idp, ren: Member) -> None:
    ProvisioningSettings.of(next_door.organization).disable(by=page_actor(ren))

    assert (next_door.get().status, idp.get().status) == (403, 200)


def test_a_sandbox_needs_neither_pass_nor_domain_nor_saml(play_idp: Idp) -> None:
    assert not play_idp.organization.subscriptions.exists()
    assert not play_idp.organization.domains.exists()
    assert play_idp.post(user("anything at all")).status == 201


def test_a_sandbox_may_be_disabled_too(play_idp: Idp, sam: Member) -> None:
    ProvisioningSettings.of(play_idp.organization).disable(by=page_actor(sam))

    assert play_idp.get().status == 403
