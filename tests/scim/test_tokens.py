"""Who is let in: the tokens of the organization, as long as they live."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Member, Organization
from provisioning.models import BadTokenCount, ScimToken, SyncActivity
from tests.cast import page_actor, scim_token
from tests.scim import Idp, user

REFUSAL = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
    "status": "401",
    "detail": "Authorization failure. invalid token.",
}


def assert_turned_away(idp: Idp, **headers: str) -> None:
    for answer in (
        idp.get("/Users", headers=headers),
        idp.get("/ServiceProviderConfig", headers=headers),
        idp.get("/Nowhere", headers=headers),
        idp.post(user("nao@aozora.example"), headers=headers),
        idp.call("DELETE", "/Bulk", headers=headers),
        idp.delete("x", headers=headers),
    ):
        assert (answer.status, answer.body) == (401, REFUSAL)
        assert answer.headers["www-authenticate"] == 'Bearer realm="SCIM"'
        assert answer.headers["content-type"] == "application/scim+json"
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer \x00", "Bearer \u00fc", "bearer nlb_scim_", "Token {}",
     "{}", "Bearer {}x", "Bearer x {}", "Bearer {},{}", "Bearer " + "x" * 5000],
    ids=repr,
)  # fmt: skip
def test_anything_but_the_token_is_turned_away_with_the_same_words(idp: Idp, header: str) -> None:
    assert_turned_away(idp, Authorization=header.replace("{}", idp.secret))


def test_the_scheme_is_compared_without_case(idp: Idp) -> None:
    for header in (f"bearer {idp.secret}", f"BEARER   {idp.secret} "):
        assert idp.get(headers={"Authorization": header}).status == 200


def test_the_neighbours_token_is_no_token_here(idp: Idp, next_door: Idp) -> None:
    assert_turned_away(idp, Authorization=f"Bearer {next_door.secret}")
    assert_turned_away(next_door, Authorization=f"Bearer {idp.secret}")
    assert next_door.get().status == idp.get().status == 200


def test_a_space_key_that_nobody_has_is_turned_away_alike(idp: Idp, aozora: Organization) -> None:
    for space_key in ("NOSUCHKEY0", aozora.space_key.lower(), aozora.slug, "%00", aozora.space_key + "%00", "%C3%BC"):
        idp.base = f"/spaces/{space_key}/scim/v2"
        answer = idp.get()
        assert answer.status == 401 or (answer.status == 404 and "%00" in space_key), space_key


def test_a_revoked_token_is_turned_away_at_once(idp: Idp, aiko: Member) -> None:
    assert idp.get().status == 200

    ScimToken.objects.get(organization=idp.organization).revoke(by=page_actor(aiko))

    assert_turned_away(idp)


def test_an_expired_token_is_turned_away_at_once(idp: Idp) -> None:
    assert idp.get().status == 200

    ScimToken.objects.filter(organization=idp.organization).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert_turned_away(idp)


def test_two_live_tokens_work_side_by_side_and_each_is_named_in_the_activity(idp: Idp, aozora: Organization) -> None:
    token, secret = scim_token(aozora)
    second = Idp(aozora, secret=secret)

    assert idp.get().status == second.get().status == 200
    assert second.last_activity().token_prefix == token.prefix
    assert SyncActivity.objects.filter(organization=aozora).values("token_prefix").distinct().count() == 2


def test_the_last_use_is_kept_to_the_minute(idp: Idp) -> None:
    token = ScimToken.objects.get(organization=idp.organization)
    idp.get()
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None

    idp.get()
    token.refresh_from_db()
    assert token.last_used_at == first

    ScimToken.objects.update(last_used_at=first - timedelta(minutes=1))
    idp.get()
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


def test_guesses_are_counted_by_address_and_minute_not_stored(idp: Idp, next_door: Idp) -> None:
    for _ in range(3):
        idp.get(headers={"Authorization": "Bearer guess"}, REMOTE_ADDR="198.51.100.7")

    count = BadTokenCount.objects.get()
    assert (count.organization, count.address, count.calls) == (idp.organization, "198.51.100.7", 3)
    assert not SyncActivity.objects.exists()


def test_the_secret_is_kept_as_a_hash_only(idp: Idp) -> None:
    idp.get(f"/Users?access_token={idp.secret}")
    idp.post({**user("nao@aozora.example"), "token": idp.secret})

    token = ScimToken.objects.get(organization=idp.organization)
    assert idp.secret not in str(vars(token))
    assert idp.secret not in str(list(SyncActivity.objects.values()))
