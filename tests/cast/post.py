"""Mails in tests: what a change has written into the outbox stands in django.core.mail.outbox once it is committed."""

import datetime
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from members.console import spreadsheets
from members.mail.delivery import deliver
from members.models import Outgoing
from members.models.outgoing import OutgoingManager

Committed = Callable[[Callable[[], object]], list[Any]]


@pytest.fixture
def committed(mailoutbox: list[Any], django_capture_on_commit_callbacks: Any) -> Committed:
    """The mails that a change has sent once it is committed."""

    def act(change: Callable[[], object]) -> list[Any]:
        del mailoutbox[:]
        with django_capture_on_commit_callbacks(execute=True):
            change()
        return mailoutbox

    return act


@pytest.fixture(autouse=True)
def room_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the test before asked for and did not read leaves its place at some later time."""
    monkeypatch.setattr(spreadsheets, "_room", BoundedSemaphore(2))


@pytest.fixture(autouse=True)
def postman(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Delivers at the commit, as `manage.py deliver` does within a second; the mark `no_postman` keeps it away.

    A test within one transaction says what counts as committed (django_capture_on_commit_callbacks); what its fixtures
    have written before stays where it is.
    """
    if "no_postman" in request.keywords:
        return
    post = OutgoingManager.post

    def post_and_deliver(manager: OutgoingManager, mails: Iterable[Outgoing]) -> list[Outgoing]:
        mails = list(mails)
        due = [mail.due_at for mail in mails]
        for mail in mails:
            mail.due_at = timezone.now() + datetime.timedelta(days=365)
        posted = post(manager, mails)

        def committed() -> None:
            for mail, due_at in zip(posted, due, strict=True):
                Outgoing.objects.filter(pk=mail.pk).update(due_at=due_at)
            deliver()

        transaction.on_commit(committed)
        return posted

    monkeypatch.setattr(OutgoingManager, "post", post_and_deliver)
