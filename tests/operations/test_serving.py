"""What the server loads before its workers are forked, and what may be replaced under it without a restart."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

_PROGRAM = """
import gc, runpy, sys, warnings
import granian.cli
granian.cli.entrypoint = lambda: None
runpy.run_module("nulab_org.serving", run_name="__main__")
ours = ("operations", "members", "saml", "provisioning", "api", "nulab_org")
print(*sorted(name for name in sys.modules if name.split(".")[0] in ours))
print(*(name in sys.modules for name in ("scim2_models", "saml2.client", "prometheus_client")), len(gc.get_objects()))
"""


@pytest.mark.parametrize(("environment", "saml"), [({}, "True"), ({"LOADED_AT_START": "nulab_org.scim_urls"}, "False")])
def test_libraries_are_loaded_for_all_workers_and_none_of_our_code(environment: dict[str, str], saml: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    ours, libraries = run.stdout.splitlines()
    scim, *others, searched = libraries.split()
    assert (run.stderr, ours, scim, others) == ("", "nulab_org", "True", [saml, "False"])
    assert int(searched) < 1000


@pytest.fixture
def instance(request: pytest.FixtureRequest) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in place of one that bin/serve has started: with these libraries, or those that are required."""
    # Whoever runs the tests may ignore SIGHUP, as nohup does.
    command = ["/usr/bin/env", "--default-signal=HUP", "sleep", "60"]
    process = subprocess.Popen(command, env={"REQUIREMENTS": request.param or _requirements()})
    yield process
    process.kill()
    process.wait()


def _reload(instance: "subprocess.Popen[bytes]") -> "subprocess.CompletedProcess[str]":
    command = [str(settings.BASE_DIR / "bin" / "reload"), str(instance.pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _requirements() -> str:
    with (settings.BASE_DIR / "requirements.txt").open("rb") as file:
        return subprocess.run(["sha256sum"], stdin=file, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("instance", [None], indirect=True)
def test_a_reload_is_sent_to_an_instance_with_the_libraries_that_are_required(
    instance: "subprocess.Popen[bytes]",
) -> None:
    assert _reload(instance).returncode == 0
    assert instance.wait(5) == -1  # SIGHUP


@pytest.mark.parametrize("instance", ["those of another day  -"], indirect=True)
def test_a_reload_is_refused_where_it_would_keep_other_libraries(instance: "subprocess.Popen[bytes]") -> None:
    refused = _reload(instance)

    assert refused.returncode == 1
    assert "Restart the instances, one after the other" in refused.stderr
    assert instance.poll() is None
