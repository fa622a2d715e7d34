"""What was let in before the door closed is not written after it: the token is asked again under the lock."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from members.models import Member, Organization, Product
from provisioning.models import ProvisioningSettings, RefusedDeparture, ScimToken
from tests.cast import OPERATOR, provisioned
from tests.cast.rows import fresh
from tests.cast.server import Server
from tests.scim import Answer, Idp, replace, user

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def live(server: Server, aozora: Organization) -> Idp:
    idp = Idp(aozora, url=server.url)
    idp.get()  # the minute of the token's last use is written
    return idp


@pytest.fixture
def kenji(live: Idp) -> Member:
    return provisioned(live.organization, "kenji")


def revoke(idp: Idp) -> None:
    ScimToken.objects.live().get(organization=idp.organization).revoke(by=OPERATOR)


def expire(idp: Idp) -> None:
    idp.organization.scim_tokens.update(expires_at=timezone.now())


def disable(idp: Idp) -> None:
    ProvisioningSettings.of(idp.organization).disable(by=OPERATOR)


def end_pass(idp: Idp) -> None:
    idp.organization.subscriptions.get(product=Product.PASS).end(by=OPERATOR)


CLOSED: dict[str, tuple[Callable[[Idp], None], int]] = {
    "revoked": (revoke, 401), "expired": (expire, 401), "disabled": (disable, 403), "Pass ended": (end_pass, 403),
}  # fmt: skip
WRITES: dict[str, Callable[[Idp, Member], Answer]] = {
    "create": lambda idp, kenji: idp.post(user("nao@aozora.example")),
    "replace": lambda idp, kenji: idp.put(kenji.scim_id, user("kenji@aozora.example", displayName="K")),
    "patch": lambda idp, kenji: idp.patch(kenji.scim_id, replace("active", False)),
    "delete": lambda idp, kenji: idp.delete(kenji.scim_id),
}


def wait_until_it_waits(call: Future[Answer]) -> None:
    """For a lock that this connection holds; SQLite does not say who waits."""
    if connection.vendor != "postgresql":
        # A write that has not come so far is refused as well.
        time.sleep(0.3)
        return
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not call.done():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    pytest.fail(f"it does not wait for the lock: {call.result(30)}")


@pytest.mark.parametrize("how", CLOSED)
@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_waits_while_the_door_is_closed_is_refused(live: Idp, kenji: Member, how: str, name: str) -> None:
    close, status = CLOSED[how]
    with ThreadPoolExecutor(1) as pool:
        with live.organization.locked():
            answer = pool.submit(WRITES[name], live, kenji)
            wait_until_it_waits(answer)
            close(live)
        assert answer.result(30).status == status

    assert fresh(kenji).account.name == kenji.account.name
    assert fresh(kenji).is_active
    assert live.organization.members.count() == 2
    if how in ("revoked", "expired"):
        assert not RefusedDeparture.objects.exists(), "a token that is not good any longer says nothing"


def test_no_write_commits_after_the_answer_to_a_revocation(live: Idp, kenji: Member) -> None:
    for _ in range(5):
        closed = threading.Event()
        answers: list[tuple[bool, Answer]] = []

        def push(number: int, closed: Any = closed, answers: Any = answers) -> None:
            while not closed.is_set():
                answers.append((closed.is_set(), live.patch(kenji.scim_id, replace("displayName", f"K{number}"))))

        with ThreadPoolExecutor(4) as pool:
            pushing = [pool.submit(push, number) for number in range(4)]
            time.sleep(0.3)
            revoke(live)
            name = fresh(kenji).account.name
            closed.set()
            for one in pushing:
                one.result(30)
        assert fresh(kenji).account.name == name
        live.secret = Idp(live.organization).secret
