"""Security Event Tokens that are posted (RFC 8935), through the machinery of webhooks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.checks import signing_keys_are_there
from api.models import App, Endpoint, Feed
from api.models.endpoint import Method
from api.models.endpoint_refusals import HasNoSecret, NoSigningKey
from api.sets.keys import make as make_key
from api.sets.keys import published
from api.webhooks.delivering import deliver
from members.models import Member, Organization
from tests.api.sets.receiver import verified
from tests.api.webhooks.receiver import Receiver, receiving
from tests.cast import OPERATOR, SUPPORT


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving(read=lambda body, _: verified(body.decode()), status=202) as receiver:
        settings.WEBHOOKS_ON_THIS_MACHINE = [receiver.url]
        yield receiver


@pytest.fixture
def endpoint(receiver: Receiver, aozora: Organization, mia: Member) -> Endpoint:
    return make(receiver)


def make(receiver: Receiver, **more: Any) -> Endpoint:
    endpoint, secret = Endpoint.objects.make(
        app=App.BACKLOG, url=f"{receiver.url}/sets", contact="ops@backlog.example", by=SUPPORT, method=Method.PUSH,
        **{"with_changes": False, **more},
    )  # fmt: skip
    assert secret == ""
    return endpoint


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def test_a_change_is_told_by_a_token_and_ended_sessions_by_one_more(
    endpoint: Endpoint, receiver: Receiver, settings: Any, mia: Member
) -> None:
    fresh(mia).deactivate(by=OPERATOR)

    assert deliver() == 1

    change, sessions = receiver.events
    number, key = endpoint.feeds.get(organization=mia.organization).position, mia.organization.space_key
    subject = {"format": "scim", "uri": f"/Users/{mia.scim_id}"}
    for claims in (change, sessions):
        assert (claims["iss"], claims["aud"]) == (settings.BASE_URL, endpoint.url)
        assert claims["sub_id"] == subject
        assert (claims["txn"], claims["toe"]) == (change["txn"], change["toe"])
    assert change["jti"] == f"{key}-{number}"
    assert change["events"] == {
        "urn:ietf:params:scim:event:prov:deactivate": {},
        "tag:nulab.com,2026:event/account.deactivated": {
            "id": f"{key}-{number}",
            "number": number,
            "organization": key,
            "subject": {"type": "member", "id": mia.scim_id},
        },
    }
    assert sessions["jti"] == f"{key}-{number}-sessions"
    [(uri, told)] = sessions["events"].items()
    assert uri == "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
    assert told["event_timestamp"] == change["toe"]
    assert told["initiating_entity"] == "admin"
    assert told["reason_admin"] == {"en": "Account deactivated", "ja": "アカウントの停止"}
    assert told["reason_user"].keys() == {"en", "ja"}
    assert receiver.headers[0]["content-type"] == "application/secevent+jwt"
    assert receiver.headers[0]["accept"] == "application/json"
    assert not Feed.objects.exclude(due_at=None).exists()


def test_before_and_after_stand_under_our_own_name(receiver: Receiver, aozora: Organization, mia: Member) -> None:
    make(receiver, with_changes=True)
    fresh(mia).change_profile({"display_name": "Mia M."}, by=OPERATOR)
    deliver()
    [claims] = receiver.events
    assert claims["events"]["urn:ietf:params:scim:event:prov:patch:notice"] == {"attributes": ["displayName", "name"]}
    own = claims["events"]["tag:nulab.com,2026:event/account.changed"]
    assert own["changes"]["display_name"] == {"before": mia.account.display_name, "after": "Mia M."}


@pytest.mark.parametrize(
    ("status", "said", "shown"),
    [
        (400, b'{"err": "invalid_key", "description": "No\\u0000 such key."}', "HTTP 400: invalid_key – No  such key."),
        (400, b"[]", "HTTP 400"),
        (400, b"\xff", "HTTP 400"),
        (200, b"Please sign in", "HTTP 200: a token is taken with 202"),
    ],
)
def test_what_is_not_taken_is_shown_and_comes_again_after_a_pause(
    endpoint: Endpoint, receiver: Receiver, mia: Member, status: int, said: bytes, shown: str
) -> None:
    receiver.status, receiver.said = status, said
    fresh(mia).change_profile({"display_name": "Mia M."}, by=OPERATOR)

    assert deliver() == 0
    assert deliver() == 0, "it waits"

    [delivery] = endpoint.deliveries.all()
    assert (delivery.status, delivery.error, delivery.is_taken) == (status, shown, False)
    receiver.status, receiver.said = 202, b""
    endpoint.feeds.retry_at_once()
    assert deliver() == 1


def test_without_a_key_nothing_is_promised_and_nothing_is_lost(
    endpoint: Endpoint, receiver: Receiver, mia: Member, settings: Any
) -> None:
    keys, settings.SET_SIGNING_KEYS = settings.SET_SIGNING_KEYS, []
    with pytest.raises(NoSigningKey):
        make(receiver)
    fresh(mia).change_profile({"display_name": "Mia M."}, by=OPERATOR)
    assert deliver() == 0
    assert "SET_SIGNING_KEYS" in endpoint.deliveries.get().error

    settings.SET_SIGNING_KEYS = keys
    Endpoint.objects.update(away_until=None)
    assert deliver() == 1


def test_keys_roll_over(endpoint: Endpoint, receiver: Receiver, mia: Member, settings: Any, tmp_path: Path) -> None:
    """The next key is published before it signs, the former one for as long as it may be needed."""
    former, [new] = settings.SET_SIGNING_KEYS, [str(tmp_path / "keys" / "new.pem")]
    make_key(Path(new))
    kids: list[str] = []
    for keys in (former, [*former, new], [new, *former], [new]):
        settings.SET_SIGNING_KEYS = keys
        fresh(mia).change_profile({"display_name": f"Mia {len(kids)}"}, by=OPERATOR)
        assert deliver() == 1, "the receiver has verified it with what is published"
        assert len(published()["keys"]) == len(keys)
        kids.append(published()["keys"][0]["kid"])
    assert kids[0] == kids[1] != kids[2] == kids[3]
    assert all(key.keys() == {"kty", "n", "e", "use", "alg", "kid"} for key in published()["keys"]), "nothing private"
    assert os.stat(new).st_mode & 0o077 == 0


def test_a_file_that_is_no_key_is_noticed_when_the_site_starts(settings: Any, tmp_path: Path) -> None:
    assert signing_keys_are_there() == []
    (tmp_path / "short.pem").write_bytes(pem_of(rsa.generate_private_key(65537, 1024)))
    (tmp_path / "curve.pem").write_bytes(pem_of(ec.generate_private_key(ec.SECP256R1())))
    (tmp_path / "text.pem").write_text("SECRET")
    settings.SET_SIGNING_KEYS = [str(tmp_path / f"{name}.pem") for name in ("short", "curve", "text", "absent")]
    assert [error.id for error in signing_keys_are_there()] == ["api.E001"] * 4


def pem_of(key: Any) -> bytes:
    found: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return found


def test_a_process_that_dies_between_the_post_and_its_record_posts_once_more(
    endpoint: Endpoint, receiver: Receiver, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(mia).deactivate(by=OPERATOR)
    with monkeypatch.context() as killed:
        killed.setattr(Feed, "record_taken", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            deliver()
    assert deliver() == 0, "the claim of the dead one still stands"

    endpoint.feeds.retry_at_once()
    assert deliver() == 1
    ids = [claims["jti"] for claims in receiver.events]
    assert len(ids) == 4
    assert ids[:2] == ids[2:], "the same tokens, by their ids"


def test_an_endpoint_of_tokens_has_no_secret_of_its_own(endpoint: Endpoint) -> None:
    with pytest.raises(HasNoSecret):
        endpoint.roll_secret(by=SUPPORT)
