"""A process that is to answer requests: loaded before the first one comes, and ended at once until it has any."""

import os
import signal
import subprocess
import sys

import pytest

# The server says so on standard error where there are none.
pytestmark = pytest.mark.usefixtures("collected_static_files")

_PROGRAM = """
import gc, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: print("goes on"))  # as a worker inherits it
usual = gc.get_threshold()
from django.test import RequestFactory
import nulab_org.wsgi
rooms = "provisioning.scim.users.handlers", "saml.sso.crypto", "api.urls", "members.urls"
print(*(room in sys.modules for room in rooms), len(gc.get_objects()), gc.get_threshold() == usual)
request = RequestFactory().get("/signin", headers={"Host": "localhost"})
nulab_org.wsgi.application(request.environ, lambda status, headers: print(status[:3], flush=True))
os.kill(os.getpid(), signal.SIGTERM)
"""


def _printed(**environment: str) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert (run.stderr, run.returncode) == ("", -signal.SIGTERM)
    return run.stdout.split()


def test_a_server_has_loaded_what_it_needs_and_searches_none_of_it_for_garbage() -> None:
    *loaded, searched, is_usual, status = _printed()

    assert (loaded, is_usual, status) == (["True"] * 4, "True", "200")
    assert int(searched) < 1000


def test_a_server_for_identity_providers_has_loaded_their_door_alone_and_answers_at_all_of_them() -> None:
    *loaded, searched, is_usual, status = _printed(LOADED_AT_START="nulab_org.scim_urls")

    assert (loaded, is_usual, status) == (["True", "False", "False", "False"], "True", "200")
    assert int(searched) < 1000
