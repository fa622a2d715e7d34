"""What must not stand in a log line, and what may."""

import logging
import time

import pytest
from django.test import Client

from members.models import Member, Organization
from operations.log_masking import _PATTERNS, SecretsMasked, masked
from tests.cast import signed_in

SECRET = "Zk3v9qP_x7-LmN0aBcDeFgHiJkLmNoPqRsTuVwXyZ01"


@pytest.mark.parametrize(
    "line",
    [
        f"Not Found: /set-password/MQ/{SECRET}",
        f"Not Found: /invitations/{SECRET}",
        f"Unprocessable Entity: /invitations/{SECRET}/join",
        f"Not Found: /profile/address/{SECRET}:1vAbC:sig",
        f"GET /signin?next=%2Finvitations%2F{SECRET} 302",
        f"GET /signin?next=%252Fset-password%252FMQ%252F{SECRET} 302",
        f"https://apps.example.com/set-password/MQ/{SECRET}?utm=1",
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Bearer {SECRET}'}}",
        f"authorization=Basic {SECRET}==",
        f"POST /x?api_key={SECRET}&page=2",
        f"GET /x?access_token={SECRET}",
        f'{{"password": "{SECRET}"}}',
        f"<QueryDict: {{'new_password1': ['{SECRET}']}}>",
        f"current_password={SECRET}",
        f"Cookie: language=ja; session={SECRET}",
        f"Cookie: __Host-session={SECRET}; theme=dark",
        f"SAMLResponse={SECRET}&RelayState=x",
        f"csrfmiddlewaretoken={SECRET}",
        f"unexpected nlb_scim_123456{SECRET} in a header",
        f"unexpected nlb_app_123456{SECRET} in a header",
        f"Not Found: /nlb_pat_123456{SECRET}",
        f"cannot sign with whsec_{SECRET}",
    ],
)
def test_a_secret_is_masked(line: str) -> None:
    assert SECRET not in masked(line)
    assert "…" in masked(line)


@pytest.mark.parametrize(
    "line",
    [
        "Forbidden (Permission denied): /spaces/ACME000001/members",
        "Not Found: /spaces/ACME000001/invitations/12/resend",
        "GET /invitations/open/3f9a1c2b 200 12 ms",
        "GET /spaces/ACME000001/members?q=mia&page=2",
        "SAML sign-in at aozora refused: not_signed",
    ],
)
def test_what_opens_nothing_stays_readable(line: str) -> None:
    assert masked(line) == line


@pytest.mark.parametrize("piece", ["password", "a", "/set-password/", "&token", "%2525252F", "=", "'", "Bearer "])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (100_000 // len(piece))

    begun = time.process_time()
    masked(text)

    assert time.process_time() - begun < 2, [pattern.pattern for pattern, _ in _PATTERNS]


def test_the_trace_of_a_failure_is_masked_too() -> None:
    try:
        raise ValueError(f"token={SECRET}")
    except ValueError as error:
        kind = (ValueError, error, error.__traceback__)
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, kind)

    SecretsMasked().filter(record)

    formatted = logging.Formatter().format(record)
    assert SECRET not in formatted
    assert "Traceback" in formatted


def test_a_refused_request_takes_one_line(
    client: Client, mia: Member, aozora: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    signed_in(client, mia)
    access = logging.getLogger("access")
    access.addHandler(caplog.handler)

    with caplog.at_level(logging.INFO, logger="access"):
        answer = client.get(f"/spaces/{aozora.space_key}/members")
    access.removeHandler(caplog.handler)

    assert answer.status_code == 403
    [record] = caplog.records
    assert (record.name, record.exc_info) == ("access", None)
    assert record.fields["status"] == 403  # type: ignore[attr-defined]
