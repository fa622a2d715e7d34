"""Mails wait in the outbox with the change that they tell of, and go out whatever happens to a process or a server."""

import datetime
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.mail.delivery import deliver
from members.models import Account, Invitation, Member, Organization, Outgoing, Role
from members.models.outgoing import CLAIMED_FOR, TRIED_FOR
from tests.cast import PASSWORD, page_actor, signed_in
from tests.cast.server import address_of_test_database
from tests.cast.smtp import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.no_postman]


@pytest.fixture(autouse=True)
def nothing_waits(aozora: Organization) -> None:
    """What making the organizations has written is no matter of the test."""
    Outgoing.objects.all().delete()


def invite(aiko: Member, *addresses: str) -> None:
    for address in addresses:
        Invitation.objects.invite(aiko, address, role=Role.USER, by=page_actor(aiko))


def time_passes(**distance: float) -> None:
    """For what waits."""
    past = datetime.timedelta(**distance)
    for row in Outgoing.objects.filter(state="waiting"):
        Outgoing.objects.filter(pk=row.pk).update(due_at=row.due_at - past, created_at=row.created_at - past)


def states() -> list[tuple[str, str]]:
    return sorted(Outgoing.objects.values_list("recipient", "state"))


# -- with the change


def test_a_mail_waits_exactly_if_the_change_is_kept(aiko: Member) -> None:
    with transaction.atomic():
        invite(aiko, "gina@partner.example")
        transaction.set_rollback(True)
    assert Outgoing.waiting() == 0

    invite(aiko, "gina@partner.example")
    assert Outgoing.waiting() == 1
    assert mail.outbox == []

    call_command("deliver", "--once", verbosity=0)
    assert [sent.to for sent in mail.outbox] == [["gina@partner.example"]]
    assert Outgoing.waiting() == 0
    assert deliver().sent == 0


def test_the_database_never_shows_what_a_mail_says(aiko: Member) -> None:
    invite(aiko, "gina@partner.example")
    stored = str(list(Outgoing.objects.values()))
    deliver()

    [sent] = mail.outbox
    link = next(word for word in sent.body.split() if "/invitations/" in word)
    for part in (link, link.rsplit("/", 1)[1], str(sent.subject), "invites you"):
        assert part not in stored
    assert Outgoing.objects.get().sealed == ""


def test_mails_sealed_with_another_key_are_given_up(aiko: Member, settings: Any) -> None:
    invite(aiko, "gina@partner.example")
    settings.SECRET_KEY = "another"

    assert deliver().failed == 1
    assert "SECRET_KEY" in Outgoing.objects.get().last_error
    assert Outgoing.failed() == 1


# -- whatever the mail server does


def test_several_go_over_one_connection(aiko: Member, smtp: SmtpServer) -> None:
    invite(aiko, "gina@partner.example", "hiro@partner.example", "ida@partner.example")

    assert deliver().sent == 3
    assert smtp.connections == 1
    assert {sent["Auto-Submitted"] for sent in smtp.received} == {"auto-generated"}
    assert [sent["To"] for sent in smtp.received] == [
        "gina@partner.example", "hiro@partner.example", "ida@partner.example",
    ]  # fmt: skip


def test_a_refused_reader_holds_up_nobody_and_is_tried_again(aiko: Member, smtp: SmtpServer) -> None:
    smtp.refused.add("gina@partner.example")
    invite(aiko, "gina@partner.example", "hiro@partner.example")

    deliver()
    assert states() == [("gina@partner.example", "waiting"), ("hiro@partner.example", "sent")]
    assert "nobody of that name" in Outgoing.objects.get(state="waiting").last_error
    assert deliver().failed == 0

    smtp.refused.clear()
    time_passes(minutes=1)
    deliver()
    assert states() == [("gina@partner.example", "sent"), ("hiro@partner.example", "sent")]
    assert Outgoing.objects.get(recipient="gina@partner.example").last_error == ""


def test_the_pauses_grow_to_six_hours_and_after_three_days_a_mail_is_given_up(
    aiko: Member, smtp: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    smtp.refused.add("gina@partner.example")
    invite(aiko, "gina@partner.example")
    pauses = []
    while deliver().failed and Outgoing.waiting():
        pauses.append(round((Outgoing.objects.get().due_at - timezone.now()) / datetime.timedelta(minutes=1)))
        time_passes(minutes=pauses[-1])

    assert pauses[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
    assert 0 <= sum(pauses) - TRIED_FOR / datetime.timedelta(minutes=1) < 360
    assert Outgoing.failed() == 1
    assert f"given up after {len(pauses) + 1} tries" in caplog.text
    assert "nobody of that name" in caplog.text
    assert "gina" not in caplog.text


def test_a_silent_mail_server_costs_a_second_and_no_mail(aiko: Member, smtp: SmtpServer) -> None:
    smtp.is_silent = True
    invite(aiko, *(f"guest{number}@partner.example" for number in range(5)))

    begun = time.monotonic()
    assert deliver().is_server_away
    assert time.monotonic() - begun < 8
    assert Outgoing.waiting() == 5
    assert Outgoing.objects.exclude(last_error="").count() == 1

    smtp.is_silent = False
    time_passes(minutes=1)
    assert deliver().sent == 5


def test_a_mail_server_that_is_not_there_is_waited_for(aiko: Member, smtp: SmtpServer, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    invite(aiko, "gina@partner.example")
    assert deliver().is_server_away

    settings.EMAIL_PORT = smtp.port
    time_passes(minutes=1)
    assert deliver().sent == 1


def test_what_is_sent_twice_can_be_told_by_its_message_id(aiko: Member, smtp: SmtpServer) -> None:
    smtp.hangs_up = True
    invite(aiko, "gina@partner.example")
    deliver()
    smtp.hangs_up = False
    time_passes(minutes=1)
    deliver()

    first, second = smtp.numbers()
    assert first == second


@pytest.mark.parametrize(
    ("address", "as_sent"),
    [("gina@bücher.example", "gina@xn--bcher-kva.example"), ("jürgen@partner.example", None)],
)
def test_addresses_that_are_not_ascii_hold_up_nobody(
    aiko: Member, smtp: SmtpServer, address: str, as_sent: str | None
) -> None:  # fmt: skip
    invite(aiko, "hiro@partner.example")
    invited = Outgoing.objects.get()
    Outgoing.objects.create(recipient=address, story="invitation", sealed=invited.sealed)
    invite(aiko, "ida@partner.example")

    deliver()

    received = [str(sent["To"]) for sent in smtp.received]
    assert {"hiro@partner.example", "ida@partner.example"} <= set(received)
    assert as_sent is None or as_sent in received


# -- whatever happens to the process


@pytest.fixture
def start(smtp: SmtpServer) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Starts `manage.py deliver` against the test's database and mail server."""
    running: list[subprocess.Popen[bytes]] = []

    def started() -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ, "DATABASE_URL": address_of_test_database(), "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
            "SECRET_KEY": settings.SECRET_KEY,
        }  # fmt: skip
        command = [sys.executable, "manage.py", "deliver"]
        running.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment))
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_mail_that_was_being_sent_when_the_process_was_killed_goes_out(
    aiko: Member, smtp: SmtpServer, start: Any
) -> None:  # fmt: skip
    smtp.takes = 3600
    invite(aiko, "gina@partner.example", "hiro@partner.example")
    process = start()
    until(lambda: smtp.connections > 0 and Outgoing.objects.filter(due_at__gt=timezone.now()).exists())
    process.send_signal(signal.SIGKILL)
    process.wait()
    smtp.takes = 0

    assert Outgoing.waiting() == 2
    time_passes(seconds=CLAIMED_FOR.total_seconds())
    assert deliver().sent == 2
    assert {str(sent["To"]) for sent in smtp.received} == {"gina@partner.example", "hiro@partner.example"}


def test_it_finishes_the_mail_in_hand_when_it_is_stopped(aiko: Member, smtp: SmtpServer, start: Any) -> None:
    smtp.takes = 1
    invite(aiko, "gina@partner.example", "hiro@partner.example")
    process = start()
    until(lambda: smtp.connections > 0)
    process.terminate()

    assert process.wait(20) == 0
    assert len(smtp.received) == 1
    assert states() == [("gina@partner.example", "sent"), ("hiro@partner.example", "waiting")]


def test_several_processes_send_each_mail_once(aiko: Member, smtp: SmtpServer, start: Any) -> None:
    invite(aiko, "gina@partner.example")
    one = Outgoing.objects.get()
    Outgoing.objects.bulk_create(
        Outgoing(recipient=f"reader{number}@partner.example", story="invitation", sealed=one.sealed)
        for number in range(60)
    )
    for _ in range(3):
        start()
    until(lambda: Outgoing.waiting() == 0)

    assert len(smtp.received) == 61
    assert len(set(smtp.numbers())) == 61


def test_a_request_never_waits_for_the_mail_server(client: Client, aiko: Member, smtp: SmtpServer) -> None:
    smtp.is_silent = True
    desk = signed_in(client, aiko)
    form = {"current_password": PASSWORD, "new_password1": "a lantern at sea", "new_password2": "a lantern at sea"}

    assert desk.post(reverse("security-password"), form).status_code == 302
    assert smtp.connections == 0
    assert Outgoing.objects.get().story == "security_notice"


# -- who may not be told apart


def test_asking_for_a_password_writes_one_mail_whether_or_not_there_is_somebody(aiko: Member, mia: Member) -> None:
    def asked(address: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            Client().post(reverse("forgotten-password"), {"email": address})
        statements = [query["sql"].split("WHERE")[0][:60] for query in queries]
        # Where an organization's audit log says it, or, for nobody, the list of sign-ins: one row each.
        return ["a record" if re.search("auditevent|signin", sql) and "INSERT" in sql else sql for sql in statements]

    assert asked("nobody@aozora.example") == asked(aiko.account.email) == asked(mia.account.email)
    deliver()
    assert [sent.to for sent in mail.outbox] == [[aiko.account.email], [mia.account.email]]


# -- afterwards


def test_what_was_sent_is_forgotten_after_three_days_what_failed_after_thirty(aiko: Member) -> None:
    invite(aiko, "gina@partner.example", "hiro@partner.example", "ida@partner.example")
    sent, failed, waiting = Outgoing.objects.order_by("pk")
    sent.record_sent()
    failed.give_up("no")
    long_ago = timezone.now() - datetime.timedelta(days=4)
    Outgoing.objects.filter(ended_at__isnull=False).update(ended_at=long_ago)

    call_command("prune", verbosity=0)
    assert set(Outgoing.objects.all()) == {failed, waiting}

    Outgoing.objects.filter(pk=failed.pk).update(ended_at=long_ago - datetime.timedelta(days=27))
    call_command("prune", verbosity=0)
    assert list(Outgoing.objects.all()) == [waiting]


def test_support_sees_what_failed_and_sends_it_again(
    support_desk: Client, aiko: Member, aozora: Organization, smtp: SmtpServer
) -> None:  # fmt: skip
    smtp.refused.add("gina@partner.example")
    invite(aiko, "gina@partner.example")
    time_passes(days=3)
    deliver()
    page = reverse("admin:members_outgoing_changelist")
    listed = support_desk.get(page, {"state": "failed"}).content.decode()
    for shown in ("invitation", "gina@partner.example", "Aozora Design", "Failed", "nobody of that name"):
        assert shown in listed
    smtp.refused.clear()

    failed = Outgoing.objects.get(recipient="gina@partner.example")
    opened = support_desk.get(reverse("admin:members_outgoing_change", args=[failed.pk])).content.decode()
    assert str(failed.number) in opened
    assert failed.sealed not in opened
    support_desk.post(page, {"action": "send_again", "_selected_action": [failed.pk]})

    assert Outgoing.failed() == 0
    deliver()
    assert "gina@partner.example" in [str(sent["To"]) for sent in smtp.received]
    assert aozora.audit.get(event="mail.sent_again").operator_name == "Nulab Support"
    support_desk.post(page, {"action": "send_again", "_selected_action": [failed.pk]})
    assert aozora.audit.filter(event="mail.sent_again").count() == 1


def test_an_administrator_of_the_neighbour_sees_no_mails(client: Client, ren: Member, aiko: Member) -> None:
    invite(aiko, "gina@partner.example")

    answer = signed_in(client, ren).get(reverse("admin:members_outgoing_changelist"))
    assert answer.status_code == 302
    assert Account.objects.filter(email="gina@partner.example").count() == 0
