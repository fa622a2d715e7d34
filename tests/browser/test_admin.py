"""The Django admin in a real Chromium: its lists, forms and search, in both languages and themes."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from members.models import Account
from tests.cast.browser import Company, blame
from tests.cast.looking import violations

pytestmark = [pytest.mark.browser, pytest.mark.looks]


def pages(company: Company) -> list[str]:
    """The start page, the search, and of each model the list and a form."""
    organization = company.enabled
    paths = [reverse("admin:index"), reverse("admin:app_list", args=["members"]), f"{reverse('admin:find')}?q=kenji"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths.append(reverse(f"{name}_changelist"))
        if row := model._default_manager.first():
            paths.append(reverse(f"{name}_change", args=[row.pk]))
    paths += [reverse(f"admin:members_{model}_add") for model in ("organization", "subscription")]
    return [*paths, reverse("admin:members_organization_history", args=[organization.pk])]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ja", "dark")])
def test_the_admin_is_accessible(
    page: Page, live_server: Any, company: Company, support_desk: Client, hana: Account, language: str, scheme: Any
) -> None:
    session = support_desk.cookies[settings.SESSION_COOKIE_NAME].value
    Account.objects.filter(pk=hana.pk).update(language=language)
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 900})
    wrong: list[str] = []

    for path in pages(company):
        page.goto(live_server.url + path)
        wrong += [f"{path}: {violation}" for violation in violations(page)]

    blame(wrong)
