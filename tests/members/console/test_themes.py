"""Light, dark, or as the reader's system has it, which is the default."""

from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from members.models import Account, Member
from tests.cast import OPERATOR, signed_in
from tests.cast.rows import fresh


def shown(client: Client, path: str = "/signin") -> str:
    page = client.get(path).content.decode()
    return page.partition('data-bs-theme="')[2].partition('"')[0]


def test_before_the_sign_in_it_is_the_browsers(db: None) -> None:
    browser = Client()
    first = shown(browser)
    page = browser.get("/signin").content.decode()
    for theme in ("dark", "light"):
        browser.post(reverse("preferences-theme"), {"theme": theme, "next": "/signin"})
        assert shown(browser) == theme
    browser.post(reverse("preferences-theme"), {"theme": "neon"})
    invented = shown(browser)
    browser.post(reverse("preferences-theme"), {"theme": "auto"})

    assert (first, invented, shown(browser)) == ("auto", "light", "auto")
    assert all(f'name="theme" value="{theme}"' in page for theme in ("auto", "light", "dark"))


def test_afterwards_it_is_the_persons_own_in_every_browser(mia: Member, aiko: Member) -> None:
    first, second = signed_in(Client(), mia), signed_in(Client(), mia)
    before = shown(first, reverse("profile"))

    first.post(reverse("preferences-theme"), {"theme": "light"})

    assert (before, shown(second, reverse("profile"))) == ("auto", "light")
    assert (fresh(mia).account.theme, fresh(aiko).account.theme) == ("light", "auto")
    second.post(reverse("profile"), {"language": "en", "theme": "auto", "time_zone": "UTC"})
    assert fresh(mia).account.theme == "auto"


@pytest.mark.parametrize("end", ["signed out", "put out"])
def test_after_the_session_the_browser_keeps_the_persons_language_and_theme(mia: Member, end: str) -> None:
    browser = signed_in(Client(headers={"accept-language": "en"}), mia)
    browser.post(reverse("preferences-theme"), {"theme": "light"})
    elsewhere = signed_in(Client(), mia)
    elsewhere.post(reverse("preferences-theme"), {"theme": "dark"})
    elsewhere.post(reverse("preferences-language"), {"language": "ja"})
    browser.get(reverse("profile"))

    if end == "signed out":
        browser.post(reverse("signout"))
    else:
        mia.deactivate(by=OPERATOR)
    page = browser.get("/signin").content.decode()

    assert 'lang="ja"' in page
    assert 'data-bs-theme="dark"' in page


def test_those_who_never_chose_follow_their_system_and_the_others_keep_theirs(mia: Member, aiko: Member) -> None:
    Account.objects.filter(pk=mia.account_id).update(theme="light")
    Account.objects.filter(pk=aiko.account_id).update(theme="dark")

    import_module("members.migrations.0023_theme_of_the_system").follow(apps, None)

    assert (fresh(mia).account.theme, fresh(aiko).account.theme) == ("auto", "dark")


@pytest.mark.parametrize("path", ["/signin", "/nowhere"])
def test_every_page_brings_its_font_and_no_style_of_its_own(db: None, path: str) -> None:
    page = Client().get(path).content.decode()

    assert 'rel="preload"' in page
    assert "inter-latin-wght-normal" in page
    assert "style=" not in page
    assert "unsafe" not in str(settings.CONTENT_SECURITY_POLICY)
