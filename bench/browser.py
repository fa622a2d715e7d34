"""Somebody at a browser in this process, and what a page costs there."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse

from members.models import Account, Organization
from members.sessions import SIGNED_IN_AT, SessionStore
from members.sign_in.session import BY_CODE

# An export is read as far as this: beyond, it costs what it has rows.
READ = 50_000
Page = Callable[[], object]


def cost_of(page: Page) -> tuple[float, float]:
    """CPU milliseconds of this process and of its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    before = time.process_time(), int(schedule.read_text().split()[0])
    page()
    return (time.process_time() - before[0]) * 1e3, (int(schedule.read_text().split()[0]) - before[1]) / 1e6


class Browser:
    """That of an administrator of the organization."""

    def __init__(self, account: Account, organization: Organization) -> None:
        self.organization, self.slug = organization, organization.slug
        self.client = _signed_in(account)

    def get(self, name: str, *more: str, **query: Any) -> Page:
        address = reverse(name, args=[self.organization.space_key, *more])
        return lambda: _ok(self.client.get(address, query))

    def of_nobody(self, name: str, **query: Any) -> Page:
        """A page that belongs to no organization."""
        return lambda: _ok(self.client.get(reverse(name), query))

    def preview(self, listed: str) -> Page:
        address = reverse("provisioning-preview", args=[self.organization.space_key])
        return lambda: _ok(self.client.post(address, {"text": listed}))

    def file(self, name: str, *more: str, **query: Any) -> Page:
        address = reverse(name, args=[self.organization.space_key, *more], query=query)

        def page() -> None:
            answer, read = _ok(self.client.post(address)), 0
            for part in answer.streaming_content:
                read += len(part)
                if read > READ:
                    break
            answer.close()

        return page


def _signed_in(account: Account) -> Client:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[SIGNED_IN_AT], session[BY_CODE] = time.time() + 24 * 3600, True
    session.create()
    assert session.session_key
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def _ok(answer: Any) -> Any:
    if answer.status_code != 200:
        sys.exit(f"{answer.request['PATH_INFO']}?{answer.request['QUERY_STRING']} answered {answer.status_code}")
    return answer
