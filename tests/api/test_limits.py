"""A key that asks too fast is told when to go on; the others do not notice."""

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.models import App
from api.wire import limits
from api.wire.limits import AT_A_TIME
from members.models import Organization, Pace
from tests.api import Api, app_key

pytestmark = pytest.mark.django_db
# One in a hundred seconds: slower than any machine, so that nothing comes back while a test looks.
RATE, BURST = 0.01, 40


@pytest.fixture(autouse=True)
def limited(settings: LazySettings) -> None:
    settings.API_RATE, settings.API_BURST = RATE, BURST
    limits._uncounted.clear()


def test_more_than_the_burst_is_refused_with_the_time_to_wait(
    aozora: Organization, backlog: Api, cacoo: Api, personal: Api
) -> None:
    answers = [backlog.get("organizations") for _ in range(2 * BURST)]

    statuses = [answer.status for answer in answers]
    assert statuses == sorted(statuses)
    assert BURST <= statuses.count(200) <= BURST + AT_A_TIME
    refused = answers[-1]
    assert (refused.status, refused["code"]) == (429, "key_too_fast")
    assert 0 < int(refused.headers["retry-after"]) * RATE <= BURST + AT_A_TIME
    assert refused.headers["retry-after"] in refused["detail"]
    assert (cacoo.get("organizations").status, personal.get("organizations").status) == (200, 200)


def test_who_has_waited_is_answered_again(aozora: Organization, backlog: Api) -> None:
    while (answer := backlog.get("organizations")).status == 200:
        pass
    pace = Pace.objects.get(door=limits.APPS)
    Pace.objects.update(until=pace.until - int(answer.headers["retry-after"]))

    assert backlog.get("organizations").status == 200


def test_a_limit_costs_a_statement_for_so_many_requests(aozora: Organization) -> None:
    api = Api(app_key(App.TYPETALK)[1])
    api.get(f"organizations/{aozora.space_key}")
    limits._uncounted.clear()

    with CaptureQueriesContext(connection) as queries:
        for _ in range(AT_A_TIME):
            api.get(f"organizations/{aozora.space_key}")

    assert len(queries) == AT_A_TIME + 1


def test_without_a_limit_nothing_is_counted(aozora: Organization, backlog: Api, settings: LazySettings) -> None:
    settings.API_RATE = 0

    assert {backlog.get("organizations").status for _ in range(2 * BURST)} == {200}
    assert not Pace.objects.exists()
