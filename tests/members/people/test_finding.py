"""What the search boxes find, and that it is found by an index."""

import random
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import values
from members.console import keyset
from members.console.keyset import Keyset
from members.models import Account, Member, Organization, Role, Synchronization, Team, finding, standing
from members.models.finding import members_found, teams_found
from members.people import listing
from tests.cast import OPERATOR, managed
from tests.cast.console import listed

NAMES = {
    "jp": "株式会社青空開発部高橋一郎",
    "wide": "ＷＩＤＥ　Ｔａｎａｋａ",
    "kana": "ｻﾄｳ ﾊﾅｺ",
    "mary": "Mary Ann O'Smith",
    "percent": "100% Sure_Thing\\",
    "long": "あ" * 230 + "末尾の佐々木",
}


@pytest.fixture
def people(aozora: Organization, hakata: Organization, aiko: Member) -> Organization:
    for organization in (hakata, aozora):
        for handle, name in NAMES.items():
            managed(organization, handle).change_profile({"display_name": name}, by=OPERATOR)
    return aozora


@pytest.fixture(params=[(1000, 20_000), (0, 20_000), (0, 0)], ids=["few", "some", "many"])
def however_many(request: Any, monkeypatch: Any) -> None:
    """Each way of finding, with the few rows of a test."""
    for name, value in zip(("FEW", "SOME"), request.param, strict=True):
        monkeypatch.setattr(finding, name, value)


def found(organization: Organization, words: str) -> set[str]:
    rows, in_no_order = (
        members_found(organization.pk, organization.members.all(), words, order).rows for order in ("name_order", "")
    )
    assert set(in_no_order) == set(rows)
    assert not set(rows.values_list("organization_id", flat=True)) - {organization.pk}
    return set(rows.values_list("unique_id", flat=True)) - {"aiko.tanaka"}


@pytest.mark.parametrize(
    ("words", "handles"),
    [
        ("開発", {"jp"}),
        ("高橋 青空", {"jp"}),
        ("一", {"jp"}),
        ("wide", {"wide"}),
        ("tanaka　WI", {"wide"}),
        ("サトウ", {"kana"}),
        ("ﾊﾅｺ サ", {"kana"}),
        ("smith MARY", {"mary"}),
        ("mary jp", set()),
        ("o'sm", {"mary"}),
        ("%", {"percent"}),
        ("_th", {"percent"}),
        ("\\", {"percent"}),
        ("佐々木", {"long"}),
        ("あ 佐々 long@", {"long"}),
        ("jp@aozora", {"jp"}),
        ("zzz", set()),
        (" ", set(NAMES)),
    ],
)
def test_each_word_is_found_wherever_it_stands(
    people: Organization, however_many: None, words: str, handles: set[str]
) -> None:
    assert found(people, words) == handles


def test_an_id_is_found_as_a_whole_and_no_neighbour_by_it(
    people: Organization, hakata: Organization, however_many: None
) -> None:
    mary, theirs = people.members.get(unique_id="mary"), hakata.members.get(unique_id="mary")
    for member in (mary, theirs):
        member.change_external_id("Ext-1 A", by=OPERATOR)

    assert found(people, " ext-1 a") == found(people, mary.scim_id.upper()) == {"mary"}
    assert found(people, "ext-1") == found(people, theirs.scim_id) == set()
    assert members_found(people.pk, people.members.all(), theirs.scim_id).first == ()

    mary.change_external_id("𠮷" * values.MAX_TEXT, by=OPERATOR)

    assert found(people, "𠮷" * values.MAX_TEXT) == {"mary"}
    assert found(people, "𠮷" * values.MAX_FULL_NAME) == set()


def test_a_changed_name_is_found_at_once_and_the_former_is_not(people: Organization, desk: Client) -> None:
    mary = people.members.get(unique_id="mary")

    mary.change_profile({"display_name": "渡辺真理"}, by=OPERATOR)

    assert listed(desk, people, q="真理 渡辺") == ["渡辺真理"]
    assert listed(desk, people, q="smith") == []


@pytest.mark.parametrize(("window", "few"), [(2, 0), (400, 0), (2, 9)])
def test_pages_of_a_search_have_everybody_once_in_order(
    aozora: Organization, monkeypatch: Any, window: int, few: int
) -> None:
    """Hits that are met soon in the order, hits that stand together far down in it, those of whom the first are known,
    and members of a team alone.
    """
    monkeypatch.setattr(finding, "FEW", few)
    monkeypatch.setattr(keyset, "WINDOW", window)
    monkeypatch.setattr(keyset, "CANDIDATES", 2)
    team = Team.objects.create_team(aozora, "Sales", by=OPERATOR)
    for number in range(24):
        member = managed(aozora, f"n{number}")
        name = f"zz 山{number:02}" if number % 2 else f"山 {number:02}" if number % 3 else f"aa {number:02}"
        member.change_profile({"display_name": name}, by=OPERATOR)
        if number % 5 == 0:
            team.add(member, by=OPERATOR)

    def walked(people: QuerySet[Any]) -> list[str]:
        by_name, cursor, names = Keyset("name_order"), "", []
        while True:
            stretch = by_name.page_of(members_found(aozora.pk, people, "山"), aozora.members.all(), cursor, 3)
            names += [member.name_order for member in stretch.rows]
            if not (cursor := stretch.next):
                return names

    wanted = sorted(name for name in aozora.members.values_list("name_order", flat=True) if "山" in name)
    assert walked(aozora.members.all()) == wanted
    of_team = aozora.members.filter(team_memberships__team=team)
    wanted = sorted(name for name in of_team.values_list("name_order", flat=True) if "山" in name)
    assert walked(of_team) == wanted


@pytest.mark.parametrize(("few", "some"), [(3, 20_000), (3, 3), (1000, 20_000)])
def test_a_list_of_many_hits_has_them_in_its_order(
    aozora: Organization, desk: Client, monkeypatch: Any, few: int, some: int
) -> None:
    for module, name, value in ((finding, "FEW", few), (finding, "SOME", some), (listing, "ROWS", 2)):
        monkeypatch.setattr(module, name, value)
    for number in range(7):
        managed(aozora, f"n{number}").change_profile({"display_name": f"山 {number * 3 % 7}"}, by=OPERATOR)

    assert listed(desk, aozora, q="山") == ["山 0", "山 1"]
    assert listed(desk, aozora, q="山", page="2") == ["山 2", "山 3"]
    assert listed(desk, aozora, q="山", sort="-name") == ["山 6", "山 5"]
    assert listed(desk, aozora, q="山", sort="-name", page="2") == ["山 4", "山 3"]
    assert listed(desk, aozora, q="山", sort="role", page="2") == ["山 2", "山 3"]
    assert listed(desk, aozora, q="山", status="active", page="2") == ["山 2", "山 3"]


def test_teams_are_found_by_their_words(people: Organization, hakata: Organization, however_many: None) -> None:
    for organization in (people, hakata):
        for name in ("東京開発チーム", "Sales Tokyo"):
            Team.objects.create_team(organization, name, by=OPERATOR)

    def teams(words: str) -> list[str]:
        return [team.name for team in teams_found(people.pk, people.teams.all(), words).rows]

    assert teams("開発") == teams("ーム 京") == ["東京開発チーム"]
    assert teams("tokyo SAL") == ["Sales Tokyo"]
    assert teams("sales 東京") == []


def test_the_index_finds_what_reading_all_finds(people: Organization, monkeypatch: Any) -> None:
    """The plain condition is the truth: all words of one to five characters that random people are made of."""
    dice = random.Random(24)
    for number in range(12):
        name = "".join(dice.choices("山田あaB 1%'\\:", k=dice.randrange(3, 12))).strip() or "x"
        managed(people, f"n{number}").change_profile({"display_name": name}, by=OPERATOR)
    asked = ["".join(dice.choices("山田あab1% @'\\:", k=dice.randrange(1, 6))) for _ in range(60)]
    by_index = [found(people, words) for words in asked]

    monkeypatch.setattr(finding, "_is_indexed", lambda rows: False)

    assert by_index == [found(people, words) for words in asked]
    assert any(by_index)


# -- plans

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL alone tells of its plans so.")


FILL = """
INSERT INTO members_account ({account})
SELECT {account} FROM members_account, generate_series(1, 2000) WHERE id = {one};
INSERT INTO members_member (account_id, scim_id, unique_id_key, user_name_key, email_key, external_id, role, {member})
SELECT other, other, 'p' || other, 'p' || other, 'p' || other, other, 'USER', {member} FROM members_member,
    (SELECT id AS other FROM members_account WHERE id > {one}) AS others WHERE account_id = {one};
INSERT INTO members_synchronization (member_id, organization_id, at)
SELECT id, organization_id, now() FROM members_member;
ANALYZE members_account, members_member, members_synchronization
"""
OTHERS = {"id", "account_id", "scim_id", "unique_id_key", "user_name_key", "email_key", "external_id", "role"}


@pytest.fixture
def crowd(people: Organization) -> Organization:
    """Enough members for the planner to prefer an index to reading all."""
    one = managed(people, "one").account_id

    def columns(model: Any, but: set[str]) -> str:
        return ", ".join(field.column for field in model._meta.concrete_fields if field.column not in but)

    values = {"one": one, "account": columns(Account, {"id"}), "member": columns(Member, OTHERS)}
    with connection.cursor() as cursor:
        for statement in FILL.format(**values).split(";"):
            cursor.execute(statement)
    return people


def plan(rows: QuerySet[Any]) -> str:
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


@on_postgresql
def test_each_index_has_its_question(crowd: Organization, hakata: Organization) -> None:
    """Decision 24 lists them; one that no question needs makes every write dearer."""
    members = crowd.members.all()
    asked: dict[str, QuerySet[Any]] = {
        "member_in_order": hakata.members.order_by("pk")[:25],
        "member_user_name": members.filter(user_name_key="x"),
        "member_email": members.filter(email_key="x"),
        "member_by_external_id": members.filter(external_id="x"),
        "member_unique_id": members.filter(unique_id_key="x"),
        "member_by_name": members.order_by("name_order", "pk")[:25],
        "member_by_role": members.filter(role=Role.ADMIN).order_by("name_order", "pk")[:25],
        "member_cacoo_holders": members.filter(has_cacoo=True).order_by("name_order", "pk")[:25],
        "member_typetalk_holders": members.filter(has_typetalk=True).order_by("name_order", "pk")[:25],
        "member_cacoo_by_rule": members.filter(cacoo_by_rule=True).order_by("pk")[:25],
        "member_typetalk_by_rule": members.filter(typetalk_by_rule=True).order_by("pk")[:25],
        "member_role_by_rule": members.filter(role_without_rules__isnull=False).order_by("pk")[:25],
        "member_plan_admins": members.filter(is_plan_admin=True).order_by(),
        "members_member_account_id": Member.objects.filter(account=1),
        "members_account_managed_by": hakata.managed_accounts.all(),
        "synchronized_in_order": Synchronization.objects.filter(organization=crowd).order_by("at", "member")[:25],
    }
    plans = {name: plan(rows) for name, rows in asked.items()}
    assert {name for name, told in plans.items() if name not in told} == set(), plans
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'members_member'")
        there = {name for (name,) in cursor.fetchall()}
    for statement in (standing._NAMES, standing._IDS, standing._NUMBERS):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {statement}", {"organization": crowd.pk, "names": ["nulab"], "most": 5})
            told = "\n".join(line for (line,) in cursor.fetchall())
        assert "using member_standing" in told, told
        assert "Seq Scan on members_member" not in told, told
    others = {
        "member_standing",
        "members_member_pkey",
        "members_member_scim_id_key",
        "member_once_an_organization",
        "member_runs",
    }
    ours = {name for name in asked if name.startswith("member_")} | others
    assert {name for name in there if not name.startswith("members_member_account_id")} == ours


@on_postgresql
@pytest.mark.parametrize("words", ["青空", "森", "zzz", "mary smith"])
def test_words_are_found_by_the_index(crowd: Organization, words: str) -> None:
    """Somebody who changes the expression must change the index, and the other way round."""
    with CaptureQueriesContext(connection) as asked:
        members_found(crowd.pk, crowd.members.all(), words)
        teams_found(crowd.pk, crowd.teams.all(), words)

    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"))
            told = "\n".join(line for (line,) in cursor.fetchall())
        assert "_runs" in told, told
        # The runs of each hit would be made again: twenty times what it costs to look at it.
        assert not any("members_runs" in line for line in told.splitlines() if "Filter:" in line), told


@on_postgresql
def test_an_empty_team_beside_some_of_all_is_counted_by_the_index(crowd: Organization, desk: Client) -> None:
    """Where a few teams have all rows of the table, the planner expects to have read enough of any team soon."""
    everybody = [Team.objects.create_team(crowd, f"Everybody {number}", by=OPERATOR).pk for number in range(3)]
    Team.objects.create_team(crowd, "Nobody", by=OPERATOR)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_teammembership (team_id, member_id)"
            " SELECT team, id FROM members_member, unnest(%s) team ORDER BY team, id",
            [everybody],
        )
        cursor.execute("ANALYZE members_teammembership")

    with CaptureQueriesContext(connection) as asked:
        answer = desk.get(reverse("teams", args=[crowd.space_key]))

    assert [team.size for team in answer.context["page"].rows] == [1001, 1001, 1001, 0]
    [counting] = [query["sql"] for query in asked.captured_queries if "members_teammembership" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + counting)
        told = "\n".join(line for (line,) in cursor.fetchall())
    assert "using team_member_once" in told, told


@on_postgresql
def test_a_word_that_the_whole_table_has_is_found_by_the_index(crowd: Organization) -> None:
    """Its runs would be made for each row otherwise, since the planner knows how common it is."""
    with CaptureQueriesContext(connection) as asked:
        hits = members_found(crowd.pk, crowd.members.all(), "one")

    assert hits.are_many
    plans = []
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"))
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert [told for told in plans if "member_runs" not in told or "Seq Scan on members_member" in told] == []


@on_postgresql
@pytest.mark.parametrize("query", [{"sort": "role"}, {"sort": "-sync"}, {"status": "inactive"}, {"type": "managed"}])
def test_hits_are_put_into_no_order_that_nobody_reads(
    people: Organization, desk: Client, query: dict[str, str]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        listed(desk, people, q="高橋", **query)

    assert not [text["sql"] for text in asked.captured_queries if "ORDER BY place" in text["sql"]]


def daily_changes(member: Member) -> None:
    for _ in range(2):
        member.deactivate(by=OPERATOR)
        member.reactivate(by=OPERATOR)
    for language in ("en", "ja", "en"):
        member.change_profile({"language": language}, by=OPERATOR)
    member.change_profile({"given_name": "Hana"}, by=OPERATOR)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_daily_changes_leave_the_indexes_alone(people: Organization) -> None:
    def updates() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute(
                "SELECT sum(n_tup_upd), sum(n_tup_hot_upd) FROM pg_stat_user_tables"
                " WHERE relname IN ('members_member', 'members_account')"
            )
            row: tuple[int, int] = cursor.fetchone()
            return row

    jp = people.members.get(unique_id="jp")
    daily_changes(jp)

    # While autovacuum looks at the table, a page cannot be tidied, and a row leaves a full one: tried again then.
    for _ in range(3):
        before = updates()
        daily_changes(jp)
        changed, hot = (after - then for after, then in zip(updates(), before, strict=True))
        if hot == changed:
            break
    assert changed >= 8
    assert hot == changed
