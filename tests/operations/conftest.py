"""The site as deploy/ runs it: started once, for all tests of it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Not at run time: this file is read before Django has its models.
if TYPE_CHECKING:
    from tests.cast.deployment import Deployment
    from tests.cast.directory_client import DirectoryClient
    from tests.cast.smtp_sink import SmtpSink


@pytest.fixture(scope="session")
def smtp_sink() -> "SmtpSink":
    from tests.cast.smtp_sink import SmtpSink

    return SmtpSink()


@pytest.fixture(scope="session")
def deployment(smtp_sink: "SmtpSink") -> "Iterator[Deployment]":
    from tests.cast.deployment import deployed

    # A socket's path has 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="site-", dir="/tmp"))
    try:
        with deployed(folder, smtp_sink.port) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def directory(deployment: "Deployment") -> "DirectoryClient":
    from tests.cast.directory_client import DirectoryClient

    return DirectoryClient(**deployment.scim)
