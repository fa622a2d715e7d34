"""Who may do what at the SCIM endpoint: every URL pattern, every method, every kind of caller (tests/access)."""

import json
from typing import Any

import pytest
from django.utils import timezone

from provisioning.models import ProvisioningSettings, ScimToken
from tests.access.identity_provider import BODIES, METHODS, SCIM, ScimRow
from tests.access.visitors import Visitor
from tests.access.watching import differences, written
from tests.access.world import World
from tests.cast import OPERATOR
from tests.cast.rows import rows

pytestmark = [pytest.mark.django_db, pytest.mark.once]

EACH_ROW = pytest.mark.parametrize("row", SCIM, ids=str)
EACH_METHOD = pytest.mark.parametrize("method", METHODS)


def call(world: World, row: ScimRow, method: str, secret: str, **odd: str) -> Any:
    """From an administrator's browser: a session opens nothing here."""
    body = row.bodies.get(method) or row.body or BODIES.get(method)
    return world.client(Visitor.ADMINISTRATOR).generic(
        method,
        world.path(row.name, **({"uuid": row.uuid.format(**world.ours)} if row.uuid else {}) | odd),
        json.dumps(body) if method in BODIES else "",
        content_type="application/scim+json",
        headers={"Authorization": secret and f"Bearer {secret}"},
    )


@EACH_METHOD
@EACH_ROW
def test_a_token_opens_its_own_organization(world: World, row: ScimRow, method: str) -> None:
    with written() as tables:
        answer = call(world, row, method, world.ours["secret"])

    assert answer.status_code == row.expected(method)
    if method in row.changes:
        assert set(row.changes[method].split()) <= differences(world.before, rows())
    else:
        assert tables <= {"provisioning_scimtoken"}


@EACH_METHOD
@EACH_ROW
def test_nothing_else_opens_it(world: World, row: ScimRow, method: str) -> None:
    """No token, an invented one, the neighbour's, a revoked one."""
    answers = [call(world, row, method, secret) for secret in ("", "nlb_scim_invented", world.theirs["secret"])]
    ScimToken.objects.filter(pk=world.ours["token"]).update(revoked_at=timezone.now())
    answers.append(call(world, row, method, world.ours["secret"]))

    assert [answer.status_code for answer in answers] == [401] * 4
    # What is counted of them is for the administrators to see.
    counted = {"BadTokenCount.calls", "+BadTokenCount", "ScimToken.last_refused_at"}
    assert differences(world.before, rows()) <= counted | {"ScimToken.revoked_at"}


@EACH_METHOD
@EACH_ROW
def test_it_is_closed_while_provisioning_is_off(world: World, row: ScimRow, method: str) -> None:
    ProvisioningSettings.of(world.ours["organization"]).disable(by=OPERATOR)
    before = rows()

    answer = call(world, row, method, world.ours["secret"])

    assert answer.status_code == 403
    # That somebody was to leave is told to the administrators.
    told = {"ScimToken", "SyncActivity", "ActivityHour", "RefusedDeparture", "Outgoing"}
    assert {word.strip("+-").partition(".")[0] for word in differences(before, rows())} <= told


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("name", "whose"), [("scim:user", "kenji"), ("scim:group", "team")])
def test_the_neighbours_members_and_teams_are_not_found(world: World, method: str, name: str, whose: str) -> None:
    [row] = [row for row in SCIM if row.name == name]

    with written() as tables:
        answer = call(world, row, method, world.ours["secret"], uuid=world.theirs[whose])

    assert answer.status_code == 404
    assert tables <= {"provisioning_scimtoken"}
