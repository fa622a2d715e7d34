"""The door: sizes, spellings of addresses, HTTP's own methods and encodings, whatever is sent to it."""

import datetime
import gzip
import http.client
import json
import zlib
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Account, Member, Organization, Product, Role, Subscription
from provisioning.models import BadTokenCount, Kind, Lifetime, ProvisioningSettings, ScimToken, SyncActivity
from tests.cast import OPERATOR, page_actor, provisioned
from tests.cast.rows import fresh
from tests.cast.server import Server
from tests.scim import CORE, ERROR, SEARCH, Answer, Idp, is_scim_error, patch_body, replace, user

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


# -- No spelling of an address opens without a token


def spellings(space_key: str, scim_id: str) -> list[str]:
    base = f"/spaces/{space_key}/scim/v2"
    one = f"{base}/Users/{scim_id}"
    return [
        base, f"{base}/", f"{base}//", f"{base}/Users", f"{base}/Users/", f"{base}//Users", f"{base}/%55sers",
        f"{base}/Users%2f", f"{base}/%2fUsers", f"{base}/./Users", f"{base}/%2e/Users", f"{base}/x/../Users",
        f"{base}/x/%2e%2e/Users", f"{base}/Users;x", f"{base}/Users;/..", f"{base};x/Users", f"{base}/USERS",
        f"{base}/Users%00", f"{base}/Users%20", f"{base}/Users%0a", f"{base}/Users.json", f"{base}/Users?token=x",
        f"{base}/Users?access_token=x", f"{base}/Users#x", f"{base}\\Users", f"{base}%5cUsers",
        f"//spaces/{space_key}/scim/v2/Users", f"/spaces//{space_key}/scim/v2/Users",
        f"/spaces/{space_key}//scim/v2/Users", f"/spaces/{space_key}/scim//v2/Users",
        f"/%73paces/{space_key}/scim/v2/Users", f"/spaces/{space_key}/%73cim/v2/Users",
        f"/spaces/{space_key}/SCIM/v2/Users", f"/spaces/{space_key.lower()}/scim/v2/Users",
        f"/spaces/{space_key}%00/scim/v2/Users", f"/spaces/{space_key}/scim/v2%2fUsers",
        f"/./spaces/{space_key}/scim/v2/Users", f"/x/../spaces/{space_key}/scim/v2/Users",
        f"/static/../spaces/{space_key}/scim/v2/Users", f"/admin/..;/spaces/{space_key}/scim/v2/Users",
        f"{base}/Users/.search", f"{base}/.search", f"{base}/Me", f"{base}/Bulk", f"{base}/Groups",
        f"{base}/Schemas", f"{base}/ResourceTypes", f"{base}/ServiceProviderConfig", f"{base}/ServiceProviderConfig/",
        one, f"{one}/", f"{one}//", f"{one};x", f"{one}%00", f"{one}%2f", f"{one}/.", f"{base}/Users/%2e/{scim_id}",
        f"{base}/Users//{scim_id}", f"{base}/%55%73%65%72%73/{scim_id}", f"{base}/Users/{scim_id.upper()}",
        f"{base}//Users//{scim_id}/", f"{base}/users", f"{base}/../v2/Users", f"{base}/Users/..%2f..%2f",
        f"{base}/nowhere",
        f"{base}/Users/%00", f"{base}/Users/%2e", f"{base}/Schemas/", f"{base}/%53chemas", f"{base}/ResourceTypes/User",
        f"/spaces/{space_key}/scim/V2/Users", f"//spaces/{space_key}//scim/v2/Users/{scim_id}",
    ]  # fmt: skip


METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"]


@pytest.mark.parametrize("method", METHODS)
def test_no_spelling_of_an_address_opens_without_a_token(idp: Idp, mia: Member, method: str) -> None:
    before = fresh(mia).modified_at
    everything = spellings(idp.organization.space_key, mia.scim_id)
    idp.base = ""

    for path in everything:
        answer = idp.call(method, path, {"schemas": [SEARCH]}, headers={"Authorization": ""})
        # An address of the admin's sends to the page of signing in.
        expected = (302,) if path.startswith("/admin") else (401, 404, 405)
        assert answer.status in expected, (path, answer.status)
        assert b"aozora.example" not in answer.content, path
        assert b"Resources" not in answer.content, path
    assert fresh(mia).modified_at == before
    assert not idp.organization.sync_activity.exists()


def test_nor_does_any_on_the_wire(server: Server, aozora: Organization, mia: Member) -> None:
    Idp(aozora, url=server.url)
    connection = http.client.HTTPConnection("localhost", server.port, timeout=60)

    for path in spellings(aozora.space_key, mia.scim_id):
        for method in ("GET", "DELETE"):
            connection.request(method, path)
            response = connection.getresponse()
            content = response.read()
            assert response.status >= 300, (method, path)
            assert response.status < 500, (method, path)
            assert b"aozora.example" not in content, (method, path)
    connection.close()
    assert fresh(mia).account.is_active


@pytest.mark.parametrize("path", ["/Users", "/Users/x", "/Schemas", "", "/Bulk"])
def test_without_a_token_it_is_a_scim_error(idp: Idp, path: str) -> None:
    answer = idp.get(path, headers={"Authorization": ""})

    assert answer.status == 401
    assert answer["status"] == "401"
    assert answer.headers["x-request-id"]


# -- What HTTP adds to SCIM: HEAD, compressed bodies, lengths


MEBIBYTE = 1024 * 1024
GZIP = {"Content-Encoding": "gzip"}
READ = ["/Users", "/Users?count=1", "/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas",
        f"/Schemas/{CORE}", "/Users/nobody", "/Users?filter=x", "/Groups", "/Me", "/nowhere"]  # fmt: skip


def test_head_is_get_without_a_body(idp: Idp, mia: Member) -> None:
    for path in (*READ, f"/Users/{mia.scim_id}"):
        got = idp.get(path)
        told = idp.last_activity()
        head = idp.call("HEAD", path)

        assert (head.status, head.content) == (got.status, b""), path
        assert head.headers | {"x-request-id": ""} == got.headers | {"x-request-id": ""}
        assert int(head.headers["content-length"]) == len(got.content)
        line = idp.last_activity()
        assert (line.method, line.request_id) == ("HEAD", head.headers["x-request-id"])
        assert (line.kind, line.path, line.status, line.subject_id) == (
            told.kind, told.path, told.status, told.subject_id,
        )  # fmt: skip
    assert idp.last_activity().kind == Kind.READ


def test_a_version_that_is_known_has_no_length(idp: Idp, mia: Member) -> None:
    etag = idp.read(mia.scim_id).etag

    for method in ("GET", "HEAD"):
        answer = idp.call(method, f"/Users/{mia.scim_id}", headers={"If-None-Match": etag})
        assert (answer.status, answer.etag, answer.headers.get("content-length")) == (304, etag, None)
    deleted = idp.delete(mia.scim_id)
    assert (deleted.status, deleted.headers.get("content-length")) == (204, None)


def test_head_needs_a_token(idp: Idp, mia: Member) -> None:
    for path in (*READ, f"/Users/{mia.scim_id}"):
        assert idp.call("HEAD", path, headers={"Authorization": ""}).status == 401


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_a_compressed_body_is_read(idp: Idp, encoding: str) -> None:
    coded = {"Content-Encoding": encoding}
    made = idp.post(gzip.compress(json.dumps(user("nao@aozora.example")).encode()), headers=coded)
    change = gzip.compress(json.dumps(patch_body(replace("displayName", "Nao"))).encode())
    patched = idp.call("PATCH", f"/Users/{made['id']}", change, headers=coded)

    assert (made.status, patched.status, patched["displayName"]) == (201, 200, "Nao")
    assert "displayName" in idp.last_activity().body
    assert (
        idp.post(json.dumps(user("emi@aozora.example")).encode(), headers={"Content-Encoding": "identity"}).status
        == 201
    )


WHOLE = gzip.compress(b"{}")
BROKEN = {
    "plain": b"{}", "nothing": b"", "half": WHOLE[:-4], "two": WHOLE * 2, "deflate": zlib.compress(b"{}"),
    "wrong sum": WHOLE[:-8] + b"12345678", "something after it": WHOLE + b"x", "no JSON": gzip.compress(b"x"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_gzip_is_refused(idp: Idp, name: str) -> None:
    answer = idp.post(BROKEN[name], headers=GZIP)

    assert is_scim_error(answer, 400)
    assert answer["scimType"] == "invalidSyntax"


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x" * 5000])
def test_another_encoding_is_not_taken(idp: Idp, encoding: str) -> None:
    answer = idp.post(user("nao@aozora.example"), headers={"Content-Encoding": encoding})

    assert is_scim_error(answer, 415)
    assert answer.headers["accept-encoding"] == "gzip"
    assert not Member.objects.filter(account__user_name="nao@aozora.example").exists()


def test_no_more_is_inflated_than_a_body_may_hold(idp: Idp) -> None:
    coder = zlib.compressobj(9, wbits=31)
    bomb = b"".join(coder.compress(bytes(MEBIBYTE)) for _ in range(600)) + coder.flush()
    assert len(bomb) < MEBIBYTE
    fitting = json.dumps(user("nao@aozora.example", title="x" * (MEBIBYTE - 500))).encode()

    assert is_scim_error(idp.post(bomb, headers=GZIP), 413)
    assert is_scim_error(idp.post(gzip.compress(b" " * (MEBIBYTE + 1)), headers=GZIP), 413)
    assert idp.post(gzip.compress(fitting), headers=GZIP).status == 201


def test_both_pass_on_the_wire(server: Server, idp: Idp) -> None:
    wire = Idp(idp.organization, url=server.url)
    wire.post(gzip.compress(json.dumps(user("nao@aozora.example")).encode()), headers=GZIP)

    head, got = wire.call("HEAD", "/Users"), wire.get("/Users")

    assert (head.status, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert wire.delete(got["Resources"][-1]["id"]).status == 204
