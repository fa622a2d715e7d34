"""Where the demo's mails go: nowhere but to a page of the demo identity provider."""

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.urls import reverse

from members.models import Member
from tests.cast import signed_in
from tests.cast.demo_idp import Visitor

MAILBOX = "demo.mailbox.Mailbox"


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Any:
    settings.DEMO_MAILBOX = tmp_path / "mailbox"
    return get_connection(MAILBOX)


def mail(subject: str, to: str = "aiko.tanaka@aozora.example") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, "See https://x.example/link", to=[to])
    message.attach_alternative(
        '<html><head></head><body><a href="https://x.example/link">See</a></body></html>', "text/html"
    )
    return message


def test_mails_are_listed_newest_first_and_shown_as_html_and_as_text(visitor: Visitor, mailbox: Any) -> None:
    assert "Nothing has been mailed yet." in visitor.page("/mailbox")
    assert mailbox.send_messages([mail("First"), mail("次のメール", "mia@aozora.example")]) == 2

    listed = visitor.page("/mailbox")
    assert listed.index("次のメール") < listed.index("First")
    assert "mia@aozora.example" in listed
    key = listed.split('href="/mailbox/')[1].split('"')[0]

    shown = visitor.page(f"/mailbox/{key}")
    assert f'src="/mailbox/{key}/letter"' in shown
    assert '<a href="https://x.example/link" rel="nofollow">' in shown
    assert '<base target="_blank"></head>' in visitor.page(f"/mailbox/{key}/letter")


@pytest.mark.parametrize("key", ["1", "0" * 19, "../demo-idp/key", "..%2f..%2fmanage.py", "x"])
@pytest.mark.parametrize("ending", ["", "/letter"])
def test_what_is_no_mail_is_not_found(visitor: Visitor, mailbox: Any, settings: Any, key: str, ending: str) -> None:
    mailbox.send_messages([mail("First")])
    (settings.DEMO_MAILBOX / "x.eml").write_text("Subject: no mail of ours")

    assert visitor.ask("GET", f"/mailbox/{key}{ending}")[0] == 404


def test_a_mail_cannot_run_anything_in_the_page(visitor: Visitor, mailbox: Any) -> None:
    mailbox.send_messages([mail("First")])
    key = visitor.page("/mailbox").split('href="/mailbox/')[1].split('"')[0]
    connection = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=60)
    connection.request("GET", f"/mailbox/{key}/letter")
    policy = connection.getresponse().headers["Content-Security-Policy"]
    connection.close()

    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script" not in policy


@pytest.mark.parametrize(
    ("environment", "backend"),
    [
        ({"DEBUG": "1"}, MAILBOX),
        ({"DEBUG": "1", "EMAIL_URL": "consolemail://"}, "django.core.mail.backends.console.EmailBackend"),
        ({"DEBUG": "0", "EMAIL_URL": "smtp://localhost:25"}, "django.core.mail.backends.smtp.EmailBackend"),
    ],
)
def test_debug_installs_the_demo_which_keeps_its_mails_to_itself(environment: dict[str, str], backend: str) -> None:
    """The settings as they are read by a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "EMAIL_URL"}
    program = (
        "import nulab_org.wsgi; from django.conf import settings;"
        "print(settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT, 'demo' in settings.INSTALLED_APPS)"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], env=kept | environment, capture_output=True, text=True, check=True
    )

    assert printed.stdout.split() == [backend, "10", str(environment["DEBUG"] == "1")]


def test_the_site_leads_there_in_the_demo_only(client: Client, aiko: Member, settings: Any) -> None:
    desk, start = signed_in(Client(), aiko), reverse("start", args=[aiko.organization.space_key])
    assert "/mailbox" not in client.get(reverse("signin")).content.decode()
    assert "http://localhost:8001" not in desk.get(start).content.decode()

    settings.DEBUG = True
    assert 'href="http://localhost:8001/mailbox"' in client.get(reverse("signin")).content.decode()
    assert 'href="http://localhost:8001"' in desk.get(start).content.decode()


def test_mails_of_the_same_moment_are_all_kept(visitor: Visitor, mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: moment)

    mailbox.send_messages([mail("First"), mail("Second")])

    assert "First" in visitor.page("/mailbox")
    assert "Second" in visitor.page("/mailbox")
