"""Each step that the table knows: sent empty, sent twice, sent by a browser that has not taken the step before it."""

import pytest

from tests.access.row import Row
from tests.access.table import TABLE
from tests.access.watching import differences, rows_about, written
from tests.access.world import World
from tests.cast.rows import rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unwatched")]
# Whose empty form says something: no box is ticked, no name is given.
EMPTY_IS_AN_ANSWER = {
    "member-privileges", "saml-unsolicited", "token-issue", "provisioning-save", "token-name", "profile",
    "admin:members_deletedaccount_change",
}  # fmt: skip
STEPS = [row for row in TABLE if row.post != 405]
# Whatever arrives at the ACS is recorded.
FORMS = [row for row in STEPS if row.form and row.name not in EMPTY_IS_AN_ANSWER and not row.is_posted_from_elsewhere]
# A second person, place, licence or proof for one form that was sent twice.
REPEATED_NEVER = {
    "+Account", "-Account", "+Member", "-Member", "+Invitation", "-Invitation", "+Team", "-Team", "+TeamMembership",
    "+Domain", "-Domain", "+SecondFactor", "-SecondFactor", "+UsedAssertion", "+DeletedAccount", "Account.type",
    "Account.is_active", "+SamlCertificate", "Account.password", "+Address", "-Address",
}  # fmt: skip


@pytest.mark.parametrize("row", FORMS, ids=str)
def test_an_empty_form_does_nothing(world: World, row: Row) -> None:
    before = world.prepare(row)

    answer = world.client(row.reader, row).post(world.target(row), {})

    assert answer.status_code < 500
    assert {one for one in differences(before, rows()) if not one.startswith(("+Session", "Session."))} == set()


@pytest.mark.parametrize("row", STEPS, ids=str)
def test_a_step_that_is_sent_twice_does_no_more_than_once(world: World, row: Row) -> None:
    world.prepare(row)
    client, form = world.client(row.reader, row), world.form(row, row.reader)
    client.post(world.target(row), form)
    between = rows_about(REPEATED_NEVER)

    # Files have been read; the rest is the very same.
    same = {name: value for name, value in form.items() if isinstance(value, str)}
    answer = client.post(world.target(row), world.form(row, row.reader) | same)

    assert answer.status_code < 500
    assert not {one for one in differences(between, rows_about(REPEATED_NEVER)) if one in REPEATED_NEVER}


@pytest.mark.parametrize("row", [row for row in STEPS if row.cookie], ids=str)
def test_a_browser_that_has_not_opened_the_link_gets_nowhere(world: World, row: Row) -> None:
    world.prepare(row)

    with written() as tables:
        answer = world.client(row.reader).post(world.target(row), world.form(row, row.reader))

    assert answer.status_code in (403, 404)
    assert tables == set()
