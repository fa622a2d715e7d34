"""scim2-tester, a conformance suite that is not ours, against the sandbox over HTTP.

docs/scim.md lists what fails and why; its figures and its list are what is asserted.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.conf import settings
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from members.models import Organization
from tests.cast import scim_token

EXCEPTIONS = (Path(settings.BASE_DIR) / "docs" / "scim.md").read_text().split("## Exceptions")[1]


def documented_figures() -> dict[Status, int]:
    found = re.search(r"(\d+) successes, (\d+) skipped, (\d+) failures", EXCEPTIONS)
    assert found
    return dict(zip((Status.SUCCESS, Status.SKIPPED, Status.ERROR), map(int, found.groups()), strict=True))


def documented_failures() -> list[str]:
    return re.findall(r"^\* `(\w+)`: ", EXCEPTIONS, re.MULTILINE)


@pytest.mark.slow
def test_the_conformance_suite_finds_what_the_documentation_says(sandbox: Organization, live_server: Any) -> None:
    secret = scim_token(sandbox)[1]
    base = f"{live_server.url}/spaces/{sandbox.space_key}/scim/v2"

    with httpx2.Client(base_url=base, headers={"Authorization": f"Bearer {secret}"}) as http:
        results = check_server(SyncSCIMClient(http))

    failures = [result for result in results if result.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert {failure.title for failure in failures} == {"check_remove_attribute"}, failures
    assert sorted(failure.data["urn"] for failure in failures if failure.data) == sorted(documented_failures())
    assert Counter(result.status for result in results) == documented_figures()
    assert documented_figures() == {Status.SUCCESS: 66, Status.SKIPPED: 1, Status.ERROR: 2}
