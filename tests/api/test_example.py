"""The example in docs/api.md, as somebody copies it: it runs, and says what is so."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from api.models import App
from members.models import Member
from tests.api import app_key
from tests.cast import page_actor

DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text("utf-8")
[PYTHON] = re.findall(r"^```python\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
[CURL] = re.findall(r"^\$ (curl .*?)\n\{", DOCUMENT, re.DOTALL | re.MULTILINE)

pytestmark = [pytest.mark.django_db(transaction=True)]


def said(command: list[str], live_server: Any, key: str) -> subprocess.CompletedProcess[str]:
    environment = {"SITE": live_server.url, "API_KEY": key, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_it_has_forty_lines() -> None:
    assert len([line for line in PYTHON.splitlines() if line]) <= 40


def test_the_example_tells_who_may_come_in(live_server: Any, mia: Member, kenji: Member, aiko: Member) -> None:
    _, key = app_key(App.BACKLOG)
    kenji.deactivate(by=page_actor(aiko))

    good = said([sys.executable, "-c", PYTHON, mia.organization.space_key], live_server, key)
    bad = said([sys.executable, "-c", PYTHON, "NOWHERE"], live_server, key)

    lines = dict(line.split("\t") for line in good.stdout.splitlines())
    assert (good.stderr, lines["mia@aozora.example"]) == ("", "may come in")
    assert lines["kenji@aozora.example"].startswith("This account is locked")
    assert (bad.returncode, "no organization with this space key" in bad.stderr) == (1, True)


def test_the_call_on_the_command_line_is_answered(live_server: Any, mia: Member) -> None:
    _, key = app_key(App.BACKLOG)
    asked = CURL.replace("ACME000001", mia.organization.space_key).replace(
        "mia.sato@acme.example", "mia@aozora.example"
    )

    answer = said(["bash", "-c", f"{asked} --silent --show-error"], live_server, key)

    assert answer.stderr == ""
    assert answer.stdout == (f'{{"allowed":true,"reason":null,"detail":null,"member_id":"{mia.scim_id}"}}')
