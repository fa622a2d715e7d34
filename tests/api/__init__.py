"""An app as the tests need one: JSON out, JSON in, with a key of its own, through the public address."""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from api.models import App, AppKey, Lifetime, PersonalToken
from api.scopes import Scope
from members.models import Member, Organization
from tests.cast import SUPPORT, page_actor

ALL_SCOPES = list(Scope.values)


@dataclass(frozen=True)
class Said:
    status: int
    content: bytes
    headers: dict[str, str] = field(repr=False)

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass
class Api:
    """Asks with a key; without one where it is ""."""

    secret: str
    language: str = "en"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        sent = {"Accept-Language": self.language, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.secret:
            sent["Authorization"] = f"Bearer {self.secret}"
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        client = Client(raise_request_exception=False)
        answer = client.generic(method, f"/api/v1/{path}", data, content_type="application/json", headers=sent)
        return Said(answer.status_code, answer.content, {name.lower(): value for name, value in answer.items()})

    def get(self, path: str, **headers: str) -> Said:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Said:
        return self.ask("POST", path, body, **headers)


def app_key(app: App = App.BACKLOG, *scopes: str, name: str = "Production") -> tuple[AppKey, str]:
    return AppKey.objects.make(app=app, name=name, scopes=list(scopes) or ALL_SCOPES, by=SUPPORT)


def personal_token(member: Member, name: str = "Report") -> tuple[PersonalToken, str]:
    by = page_actor(member)
    return PersonalToken.objects.issue(member, name=name, lifetime=Lifetime.YEAR, by=by)


@pytest.fixture
def backlog(db: None) -> Api:
    """Backlog, with a key for everything."""
    return Api(app_key(App.BACKLOG)[1])


@pytest.fixture
def cacoo(db: None) -> Api:
    return Api(app_key(App.CACOO)[1])


@pytest.fixture
def personal(aozora: Organization, aiko: Member) -> Api:
    """Aiko, with a personal access token for Aozora."""
    return Api(personal_token(aiko)[1])


def later(monkeypatch: pytest.MonkeyPatch, by: datetime.timedelta) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + by)
