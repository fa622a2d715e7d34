"""Processes of `make interop`: the site as `make run` starts it, and two identity providers that are not ours."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from tests.cast.saml_messages import key_pair
from tests.processes import free_port, interrupted_with_parent, together

ROOT = Path(settings.BASE_DIR)
BUILD = ROOT / "build" / "interop"


def lacking(what: str) -> None:
    """Left out in words on a machine that lacks it; a failure in CI, which has to have it."""
    told = f"{what} is not there: tests/interop/install says why."
    if os.environ.get("CI"):
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


class Program:
    """Started at once, ready when its page answers, and its log shown when it does not."""

    page = "/"

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / f"{type(self).__name__}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env={**os.environ, **self.environment()},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=interrupted_with_parent,
            )
        self._wait_until_ready()

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        raise NotImplementedError

    def read(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.read(self.page)
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        pytest.fail(f"{type(self).__name__} did not start:\n{self.log.read_text()}", pytrace=False)


class Site(Program):
    """With the demo organizations, on a database of its own."""

    page = "/signin"

    def __init__(self, folder: Path) -> None:
        self.database = f"sqlite:///{folder / 'interop.sqlite3'}"
        super().__init__(folder)

    def command(self) -> list[str]:
        self.manage(*together(["migrate"], ["seed_demo"]))
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning"]
        return [*granian, "--host", "127.0.0.1", "--port", str(self.port), "nulab_org.wsgi:application"]

    def environment(self) -> dict[str, str]:
        return {
            "DEBUG": "1",
            "PORT": str(self.port),
            "BASE_URL": self.url,
            "DATABASE_URL": self.database,
            "EMAIL_URL": "dummymail://",
        }

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


class IdentityProvider(Program):
    """One that knows this site's organization by the SP metadata that the site serves."""

    def __init__(self, folder: Path, sp_metadata: str, person: str) -> None:
        self.sp_metadata, self.person, self.keys = sp_metadata, person, key_pair(type(self).__name__)
        super().__init__(folder)


class Samlp(IdentityProvider):
    """npm's samlp with express: tests/interop/samlp/server.js."""

    page = "/login"

    def command(self) -> list[str]:
        if not shutil.which("node") or not (BUILD / "samlp" / "node_modules" / "samlp").exists():
            lacking("npm's samlp")
        return ["node", "--no-deprecation", "tests/interop/samlp/server.js"]

    def environment(self) -> dict[str, str]:
        def one(pattern: str) -> str:
            found = re.search(pattern, self.sp_metadata, re.DOTALL)
            assert found, self.sp_metadata
            return found[1]

        certificate = "".join(one(r"X509Certificate>([^<]+)<").split())
        lines = [certificate[start : start + 64] for start in range(0, len(certificate), 64)]
        return {
            "NODE_PATH": str(BUILD / "samlp" / "node_modules"),
            "PORT": str(self.port),
            "KEY": self.keys.key,
            "CERTIFICATE": self.keys.certificate,
            "SP_ENTITY_ID": one(r'entityID="([^"]+)"'),
            "SP_ACS": one(r'AssertionConsumerService\b[^>]*Location="([^"]+)"'),
            "SP_CERTIFICATE": "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"]),
        }


class SimpleSamlPhp(IdentityProvider):
    """Debian's package under PHP's own web server: tests/interop/simplesamlphp."""

    page = "/saml2/idp/metadata.php"

    def command(self) -> list[str]:
        www = BUILD / "simplesamlphp" / "usr" / "share" / "simplesamlphp" / "www"
        if not shutil.which("php") or not www.exists():
            lacking("Debian's simplesamlphp")
        (self.folder / "idp.pem").write_text(self.keys.key)
        (self.folder / "idp.crt").write_text(self.keys.certificate)
        (self.folder / "sp.xml").write_text(self.sp_metadata)
        # Written for an older PHP: what it deprecates since then is no matter here.
        quiet = ["-d", "error_reporting=E_ALL&~E_DEPRECATED", "-d", "display_errors=0"]
        return ["php", *quiet, "-S", f"localhost:{self.port}", "-t", str(www)]

    def environment(self) -> dict[str, str]:
        return {
            "SIMPLESAMLPHP_CONFIG_DIR": str(ROOT / "tests" / "interop" / "simplesamlphp"),
            "PORT": str(self.port),
            "FOLDER": str(self.folder),
            "PERSON": self.person,
        }
