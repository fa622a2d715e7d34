"""The number of teams, which PostgreSQL keeps by itself."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from members.models import Organization, Team, TeamCount
from tests.cast import OPERATOR

IS_KEPT = connection.vendor == "postgresql"


def kept() -> dict[int, int]:
    return dict(TeamCount.objects.values_list("organization", "teams"))


def test_it_is_what_counting_would_say(aozora: Organization, hakata: Organization) -> None:
    assert [TeamCount.of(one) for one in (aozora, hakata)] == [0, 0]
    sales, _, _ = (Team.objects.create_team(aozora, name, by=OPERATOR) for name in ("Sales", "Design", "Legal"))
    Team.objects.create_team(hakata, "Sales", by=OPERATOR)
    sales.disband(by=OPERATOR)

    for organization, number in ((aozora, 2), (hakata, 1)):
        assert TeamCount.of(organization) == organization.teams.count() == number
    assert kept() == ({aozora.pk: 2, hakata.pk: 1} if IS_KEPT else {})


@pytest.mark.skipif(not IS_KEPT, reason="SQLite counts.")
def test_whoever_writes_teams_is_counted(aozora: Organization, hakata: Organization) -> None:
    Team.objects.bulk_create(
        Team(organization=one, name=str(n), name_key=str(n)) for n in range(50) for one in (aozora, hakata)
    )
    assert kept() == {aozora.pk: 50, hakata.pk: 50}
    Team.objects.filter(name__lt="3").delete()
    assert kept() == {one.pk: one.teams.count() for one in (aozora, hakata)}

    # As before the migration has counted those that were there: a number that is too small hinders nobody.
    TeamCount.objects.filter(organization=aozora).update(teams=1)
    aozora.teams.all().delete()
    assert kept()[aozora.pk] == 0


@pytest.mark.skipif(not IS_KEPT, reason="SQLite counts.")
def test_the_migration_counts_those_that_are_there(aozora: Organization, hakata: Organization) -> None:
    Team.objects.create_team(aozora, "Sales", by=OPERATOR)
    TeamCount.objects.all().delete()
    migration: Any = import_module("members.migrations.0036_count_the_teams")

    for _ in range(2):
        migration.fill(apps, connection.schema_editor())
        assert kept() == {aozora.pk: 1}
