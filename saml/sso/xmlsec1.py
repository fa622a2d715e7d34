"""The program xmlsec1: started for one message, never for long, and few at a time.

It canonicalizes before it looks at a signature, and anybody may post a message that makes it work: so it ends after a
while whatever it was given. pysaml2 calls it without a limit; what it says is still read by pysaml2.
"""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from tempfile import NamedTemporaryFile
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from saml2.sigver import XmlsecError, parse_xmlsec_verify_output, pem_format

from saml.sso import crypto_refusals
from saml.sso import xmlsec1_refusals as refusals

# Seconds of one run, and of all runs for one message. An honest message takes a twentieth.
MAX_RUN = 2.0
MAX_MESSAGE = 3.0
# Runs at once in this process, and the seconds that others wait for a place.
AT_ONCE = 2
MAX_WAIT = 2.0
_slots = BoundedSemaphore(AT_ONCE)
logger = logging.getLogger(__name__)


class XmlSec1:
    """The program, for one message: its clock starts when this is made."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._ends_at = monotonic() + MAX_MESSAGE

    def is_signed(self, document: bytes, name: str, element_id: str, certificate: str) -> bool:
        """Whether the signature in the element of that ID fits the certificate (Base64 of DER).

        `name` is namespace:tag, of the element whose ID is meant. Raises TookTooLong, SiteIsBusy, SiteCannotCheck.
        """
        with _file(".pem", pem_format(certificate)) as trusted, _file(".xml", document) as message, _slot():
            version = _version(self._program)
            command = [
                *(self._program, "--verify", "--enabled-reference-uris", "empty,same-doc"),
                *("--enabled-key-data", "raw-x509-cert", "--pubkey-cert-pem", trusted),
                *("--id-attr:ID", name, "--node-id", element_id),
                *(["--lax-key-search"] if version >= (1, 3) else []),
                message,
            ]
            code, said = _run(command, min(MAX_RUN, self._ends_at - monotonic()))
        try:
            return code == 0 and bool(parse_xmlsec_verify_output(said, version))
        except XmlsecError:
            return False


@contextmanager
def _file(suffix: str, content: bytes) -> Iterator[str]:
    with NamedTemporaryFile(suffix=suffix) as file:
        file.write(content)
        file.flush()
        yield file.name


@contextmanager
def _slot() -> Iterator[None]:
    """A place for one run. Raises SiteIsBusy."""
    if not _slots.acquire(timeout=MAX_WAIT):
        raise refusals.SiteIsBusy
    try:
        yield
    finally:
        _slots.release()


def _run(command: list[str], seconds: float) -> tuple[int, str]:
    """The exit code and the output on both channels.

    In a process group of its own, which is killed as a whole when the time is over. Raises TookTooLong,
    SiteCannotCheck where it is not there or has been killed by somebody else.
    """
    if seconds <= 0:
        raise crypto_refusals.TookTooLong
    with _started(command) as process:
        try:
            said = process.communicate(timeout=seconds)
        except TimeoutExpired:
            raise crypto_refusals.TookTooLong from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode < 0:
        logger.error("xmlsec1 was ended by signal %s", -process.returncode)
        raise refusals.SiteCannotCheck
    return process.returncode, b"\n".join(said).decode(errors="replace")


def _started(command: list[str]) -> Popen[bytes]:
    try:
        return Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True)  # noqa: S603 - no shell
    except OSError as error:
        logger.error("xmlsec1 cannot be started: %s", error)
        raise refusals.SiteCannotCheck from None


@lru_cache(maxsize=1)
def _version(program: str) -> tuple[int, ...]:
    """The version, asked once, not before each run."""
    _code, said = _run([program, "--version"], MAX_RUN)
    number: Any = said.split()[1:2]
    return tuple(int(part) for part in number[0].split(".") if part.isdigit()) if number else (0,)
