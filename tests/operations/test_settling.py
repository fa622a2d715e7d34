"""A process that is to answer requests: loaded before the first one comes."""

import subprocess
import sys


def test_a_server_has_loaded_what_it_needs_and_searches_none_of_it_for_garbage() -> None:
    program = (
        "import nulab_org.wsgi, gc, sys;"
        "print('provisioning.scim.users.handlers' in sys.modules, 'saml.urls' in sys.modules, len(gc.get_objects()))"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    scim, pages, searched = printed.stdout.split()
    assert (scim, pages) == ("True", "True")
    assert int(searched) < 1000
