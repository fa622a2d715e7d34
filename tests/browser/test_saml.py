"""The pages of a sign-in through the IdP, in a real Chromium: looked at in both languages."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from members.models import Organization
from saml.models import SamlSettings, SignInRequest
from saml.sso import session
from saml.sso.accepting import SignIn
from saml.sso.claims import IdpSession
from saml.sso.claims_refusals import WrongAudience
from tests.cast import OPERATOR
from tests.cast.browser import Company, enter
from tests.cast.looking import EACH_READER, Reader, look, look_at
from tests.cast.saml_messages import key_pair

pytestmark = [pytest.mark.browser, pytest.mark.looks]


def result_page(company: Company, number: int, **outcome: Any) -> str:
    row = SignInRequest.objects.create(
        id=f"_{number}",
        organization=company.enabled,
        purpose=SignInRequest.Purpose.TEST,
        tester=company.aiko.account,
        answered_at=timezone.now(),
        outcome=outcome,
    )
    return reverse("saml-test-result", args=[company.enabled.space_key, row.pk])


def pages(company: Company) -> dict[str, str]:
    """With a draft, a certificate that expires, and tests that came to different ends."""
    saml = SamlSettings.of(company.enabled)
    saml.propose(entity_id="https://idp.new.example/metadata", sso_url="https://idp.new.example/sso", by=OPERATOR)
    saml.add_certificate(key_pair("soon", days=20).certificate, by=OPERATOR)
    saml.add_certificate(key_pair("old", days=-1).certificate, by=OPERATOR)
    reason = WrongAudience(audience="https://elsewhere.example", expected=saml.sp_entity_id)
    failed = [reason.code, reason.figures]
    return {
        "saml-draft": reverse("saml", args=[company.enabled.space_key]),
        "saml-test-passed": result_page(company, 1, passed=True, name_id="kenji@aozora.example"),
        "saml-test-without-account": result_page(company, 2, passed=True, name_id="nobody@aozora.example"),
        "saml-test-failed": result_page(company, 3, passed=False, name_id="kenji@aozora.example", refusal=failed),
        # Without SAML nobody is sent anywhere: the page of a refusal.
        "saml-refused": reverse("saml-begin", args=[company.locked.space_key]),
    }


@EACH_READER
def test_the_pages_of_a_sign_in_are_accessible_and_fit(
    page: Page, live_server: Any, company: Company, hakata: Organization, prefers: Any, reader: Reader
) -> None:
    prefers(reader.language, reader.theme)
    wrong: list[str] = []
    # That a refusal has an error's status is a complaint of the browser's, too.
    page.on("console", lambda message: wrong.append(message.text) if "status of" not in message.text else None)
    enter(page.context, company.aiko, live_server.url)
    waiting = HttpResponse()
    session.wait(waiting, SignIn(company.kenji, IdpSession(timezone.now(), None)), "")
    cookie = waiting.cookies[session.WAITING_COOKIE]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"{live_server.url}/signin/"}])

    there = {name: f"{live_server.url}{path}" for name, path in pages(company).items()}
    wrong += look_at(page, there, reader)
    page.goto(live_server.url + reverse("saml-finish", args=[company.enabled.space_key]))
    wrong += look(page, "saml-replace-session", reader)

    assert wrong == []
