"""What a person sees when a request comes to nothing: words, the way back, the same look."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import reverse

from members.console.error_pages import bad_request, server_error
from members.models import Member, Organization
from tests.cast import signed_in
from tests.cast.console import text

WORDS = {
    400: ("This request cannot be understood", "このリクエストは処理できません"),
    403: ("You cannot open this page", "このページは開けません"),
    404: ("This page does not exist", "ページが見つかりません"),
    500: ("Something went wrong", "問題が発生しました"),
}

# What Django raises for `member.synchronization` where there is no such row.
RelatedObjectDoesNotExist = Member.synchronization.RelatedObjectDoesNotExist


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **named: Any) -> Any:
        raise error

    return fail


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """The guide of Entra ID fails like this."""
    return lambda error: monkeypatch.setattr("provisioning.settings.guides.guide", raising(error))


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_each_error_has_words_a_way_back_and_the_way_to_support(
    aozora: Organization, aiko: Member, mia: Member, faulty: Any, language: str, status: int
) -> None:
    member = mia if status == 403 else aiko
    member.account.language = language
    member.account.save(update_fields=["language"])
    desk = signed_in(Client(raise_request_exception=False, headers={"Accept-Language": language}), member)
    faulty(SuspiciousOperation() if status == 400 else RuntimeError("the secret reason"))
    name = "members" if status == 404 else "guide"
    path = "/nowhere" if status == 404 else reverse(name, args=[aozora.space_key, "entra"])

    answer = desk.get(path)

    page = answer.content.decode()
    assert answer.status_code == status
    assert WORDS[status][language == "ja"] in text(answer)
    assert f'<html lang="{language}"' in page
    assert 'class="btn btn-primary" href="/"' in page
    assert f'href="{settings.SUPPORT_URL}"' in page
    assert f"<code>{answer['X-Request-Id']}</code>" in page
    assert "the secret reason" not in page
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "style=" not in page
    assert "<script>" not in page


def test_under_debug_too_a_visitor_meets_these_pages(
    aozora: Organization, aiko: Member, faulty: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEBUG = True
    desk = signed_in(Client(raise_request_exception=False), aiko)
    guide = reverse("guide", args=[aozora.space_key, "entra"])
    missing = [desk.get(path) for path in ("/nowhere", reverse("members", args=["OTHERSPACE"]))]
    faulty(RuntimeError("the reason"))
    failed = desk.get(guide)
    faulty(SuspiciousOperation("the reason"))
    suspicious = desk.get(guide)

    assert [answer.status_code for answer in [*missing, failed, suspicious]] == [404, 404, 500, 400]
    assert all("This page does not exist" in text(answer) for answer in missing)
    assert "Something went wrong" in text(failed)
    assert "This request cannot be understood" in text(suspicious)
    assert "the reason" not in failed.content.decode() + suspicious.content.decode()
    assert any(record.exc_info and "the reason" in str(record.exc_info[1]) for record in caplog.records)


def test_those_who_have_signed_in_keep_the_frame(aozora: Organization, aiko: Member, mia: Member) -> None:
    below = f"/spaces/{aozora.space_key}/nowhere"
    desk = signed_in(Client(), aiko)

    for answer in (
        desk.get(below),
        desk.get(reverse("member", args=[aozora.space_key, "0" * 8 + "-0000-0000-0000-" + "0" * 12])),
    ):
        assert answer.status_code == 404
        assert 'aria-label="Organization settings"' in answer.content.decode()
        assert "Account of Aiko Tanaka" in answer.content.decode()
    elsewhere, theirs, strange = desk.get("/nowhere"), signed_in(Client(), mia).get(below), Client().get(below)
    refused = signed_in(Client(), mia).get(reverse("members", args=[aozora.space_key]))
    strict = signed_in(Client(enforce_csrf_checks=True), aiko).post(reverse("domain-add", args=[aozora.space_key]))

    assert "Account of Aiko Tanaka" in elsewhere.content.decode()
    assert (refused.status_code, strict.status_code) == (403, 403)
    assert all("Account of Mia Sato" in answer.content.decode() for answer in (theirs, refused))
    assert 'aria-label="Organization settings"' in strict.content.decode()
    assert "Account of" not in strange.content.decode()
    assert "Aozora Design" not in strange.content.decode()


@pytest.mark.parametrize("handler", [bad_request, server_error])
def test_the_pages_of_the_worst_hour_need_neither_database_nor_session(handler: Callable[..., Any]) -> None:
    # No fixture opens the database, so asking it would fail this test.
    request = RequestFactory().get("/", headers={"Cookie": "theme=dark; language=ja"})

    page = handler(request).content.decode()

    assert '<html lang="ja" data-bs-theme="dark">' in page


def test_a_request_under_a_foreign_name_is_told_so(client: Client) -> None:
    answer = client.get("/signin", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "the address is not the one of this site" in text(answer)
    assert "evil.example" not in answer.content.decode()


def test_a_form_without_its_token_leads_back_to_its_page(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/signin", {"identifier": "x"}, headers={"Referer": "http://testserver/signin?next=/profile"})
    from_elsewhere = strict.post("/signin", {"identifier": "x"}, headers={"Referer": "http://evil.example/x"})

    assert answer.status_code == from_elsewhere.status_code == 403
    assert "This form was not accepted" in text(answer)
    back = answer.content.decode().partition('href="/signin?next=/profile">')[2]
    assert back.lstrip().startswith("Back to the form")
    assert "evil.example" not in from_elsewhere.content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "This is too large"), ("ja", "サイズが大きすぎます")])
def test_a_body_over_three_megabytes_is_refused_before_anything_of_it_is_read(language: str, words: str) -> None:
    class Unread:
        def read(self, *args: int) -> bytes:
            raise AssertionError("somebody read the body")

        readline = read

    sent: dict[str, Any] = {
        "CONTENT_LENGTH": str(3 * 1024 * 1024 + 1),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": Unread(),
    }
    answer = Client(headers={"Accept-Language": language}).post(reverse("signin"), **sent)

    assert answer.status_code == 413
    assert words in text(answer)


@pytest.mark.parametrize(("error", "status"), [(Member.DoesNotExist(), 404), (RelatedObjectDoesNotExist(), 500)])
def test_somebody_who_has_gone_meanwhile_is_not_found_but_a_missing_relation_is_our_mistake(
    aozora: Organization, aiko: Member, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    desk = signed_in(Client(raise_request_exception=False), aiko)
    monkeypatch.setattr(Organization, "rename", raising(error))

    answer = desk.post(reverse("general", args=[aozora.space_key]), {"name": "Aozora Studio"})

    assert (answer.status_code, WORDS[status][0] in text(answer)) == (status, True)


@pytest.mark.parametrize(
    ("language", "words", "way_back"),
    [("en", "Nothing was changed. This has been deleted", "Go to Members"),
     ("ja", "何も変更されていません。ほかの人がこの対象を削除したか", "「メンバー」へ")],
)  # fmt: skip
def test_a_form_about_somebody_who_has_gone_says_so_and_leads_to_the_list(
    aozora: Organization, aiko: Member, desk: Client, language: str, words: str, way_back: str
) -> None:
    aiko.account.language = language
    aiko.account.save(update_fields=["language"])
    address = reverse("member-delete", args=[aozora.space_key, uuid4()])

    sent, opened = desk.post(address), desk.get(address)

    assert (sent.status_code, opened.status_code) == (404, 404)
    assert words in text(sent)
    assert words not in text(opened)
    for answer in (sent, opened):
        assert way_back in text(answer)
        assert (
            f'class="btn btn-primary" href="{reverse("members", args=[aozora.space_key])}"' in answer.content.decode()
        )


NEEDED = {
    "member": ("scim_id",),
    "member-lock-lift": ("scim_id",),
    "team": ("team_id",),
    "team-member-remove": ("team_id", "scim_id"),
    "invitation-withdraw": ("number",),
}
FORMS = {
    "saml-settings": "saml",
    "saml-certificate-add": "saml",
    "domain-add": "domains",
    "members-import-confirm": "members-import",
    "activity-export": "activity",
    "member-lock-lift": "member",
    "team-member-remove": "team",
    "invitation-withdraw": "invitations",
}


def test_reloading_the_address_of_a_form_opens_the_page_above(aozora: Organization, desk: Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    places = {"space_key": aozora.space_key, "scim_id": uuid4(), "team_id": uuid4(), "number": 7}

    def at(name: str) -> str:
        wanted = ("space_key", *NEEDED.get(name, ()))
        return reverse(name, kwargs={one: places[one] for one in wanted})

    led = {form: desk.get(at(form), headers=browser) for form in FORMS}

    assert {form: answer.headers.get("Location") for form, answer in led.items()} == {
        form: at(page) for form, page in FORMS.items()
    }
    assert desk.get(at("saml-settings")).status_code == 405
    assert desk.get(reverse("preferences-language"), headers=browser)["Location"] == reverse("home")
