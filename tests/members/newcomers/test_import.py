"""Importing many people at once: the same rows as the verbs write, in a few statements; who is refused, by line."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from members.actors import Actor
from members.models import Headcount, Member, Organization, Outgoing, Product, Role, Subscription, Team
from members.models.address import Owner, owners
from members.models.member import many
from members.models.member.many import Batch, Person, Refused
from members.models.member.profile import Profile
from members.newcomers.long_file import Progress, write
from members.refusals import Refusal
from tests.cast import OPERATOR, idp_actor
from tests.cast.rows import Rows, rows, rows_of

# Columns that differ from one creation to the next.
BY_CHANCE = {"id", "password", "created_at", "modified_at", "at", "request_id", "txn"}


# -- the same as the verbs


def person(line: int, user_name: str, *, name: str = "Yuki Abe", **more: Any) -> Person:
    fields = {field: more.pop(field) for field in list(more) if field in Profile.__annotations__}
    profile: Any = {"user_name": user_name, "display_name": name, "language": "ja", **fields}
    return Person(line, profile, **more)


def people_of_all_kinds(team: Team) -> list[Person]:
    """Those that the verbs take and those that they refuse, for each rule."""
    return [
        person(2, "Yuki.Abe@Aozora.example", unique_id="Yuki_A", role=Role.USER, teams=[team, team]),
        person(3, "emi@aozora.example", email="emi.ueda@aozora.example", external_id=" 00u1 ", is_active=False),
        # Unique IDs that are taken: by the one above, by a member, by one in this list that was made of an address.
        person(4, "yuki@aozora.example", unique_id="yuki_a"),
        person(5, "mia@sub.aozora.example"),
        person(6, "AIKO.tanaka@aozora.example", name="Second Aiko"),
        person(7, "taro@aozora.example"),
        person(8, "ta+ro@aozora.example", name="太郎 山田", role=Role.ADMIN, time_zone="Asia/Tokyo"),
        person(9, "TARO@aozora.example"),
        person(10, "new@aozora.example", email="emi@AOZORA.example"),
        person(11, "hakata@hakata.example"),
        person(12, "not an address"),
        person(13, "  "),
        person(14, "long@aozora.example", name="x" * 300),
        person(15, "parts@aozora.example", name="", given_name="Ida", family_name="Noé", formatted_name=""),
        person(16, "neither@aozora.example", name=""),
        person(17, "klingon@aozora.example", language="tlh"),
        person(18, "mars@aozora.example", time_zone="Mars/Olympus"),
        person(19, "short@aozora.example", unique_id="é"),
        person(20, "bell@aozora.example", name="Bell \x07"),
        person(21, "sent@aozora.example", preferred_language="ja-JP", locale="", email_type="home"),
        person(22, "sent@aozora.example"),
        person(23, "external@aozora.example", external_id="x" * 300),
        person(24, "straße@aozora.example"),
        person(25, "ｆｕｌｌ@aozora.example"),
    ]


def by_verbs(organization: Organization, people: Iterable[Person], by: Actor) -> list[Refused]:
    """Each alone, the chosen Unique IDs first as in a batch."""
    refused = []
    for one in sorted(people, key=lambda person: not person.unique_id):
        try:
            member = Member.objects.create_managed(
                organization, one.profile, by=by, role=one.role, unique_id=one.unique_id,
                external_id=one.external_id, is_active=one.is_active,
            )  # fmt: skip
            for team in one.teams:
                team.add(member, by=by)
        except Refusal as refusal:
            refused.append(Refused(one.line, refusal))
    return refused


def in_batches(organization: Organization, people: Iterable[Person], by: Actor) -> list[Refused]:
    batch = Batch(organization, list(people), by=by)
    batch.write()
    return batch.refused


def told(refused: list[Refused]) -> list[tuple[int, str]]:
    return sorted((one.line, str(one.refusal)) for one in refused)


def comparable(found: Rows) -> Rows:
    """The rows with names in place of keys and without what is made by chance, in one order."""
    names: dict[Any, str] = {row["id"]: row["user_name"] for row in found["Account"]}
    places = {row["id"]: names[row["account_id"]] for row in found["Member"]}
    chosen = {row["scim_id"]: names[row["account_id"]] for row in found["Member"]}
    known = {"account_id": names, "member_id": places, "scim_id": chosen, "subject_id": chosen}
    return {
        table: sorted(
            (
                {
                    name: known[name].get(value, value) if name in known else value
                    for name, value in row.items()
                    if name not in BY_CHANCE
                }
                for row in lines
            ),
            key=str,
        )
        for table, lines in found.items()
        if table != "Outgoing"
    }


def afterwards(create: Any, *arguments: Any) -> tuple[list[tuple[int, str]], Rows]:
    """The refusals and all rows after it, which is then undone."""
    try:
        with transaction.atomic():
            refused, after = told(create(*arguments)), comparable(rows())
            raise InterruptedError
    except InterruptedError:
        return refused, after


@pytest.mark.parametrize("is_idp", [False, True])
def test_the_rows_are_those_of_the_verbs(
    aozora: Organization, aiko: Member, mia: Member, design: Team, is_idp: bool
) -> None:
    by = idp_actor(aozora) if is_idp else OPERATOR
    arguments = (aozora, people_of_all_kinds(design), by)

    expected, theirs = afterwards(by_verbs, *arguments)
    refused, ours = afterwards(in_batches, *arguments)

    assert refused == expected
    assert [line for line, _ in refused] == [4, 5, 6, 9, 10, 11, 12, 13, 14, 17, 18, 19, 20, 22, 23, 24, 25]
    for table in theirs:
        assert ours[table] == theirs[table], table


@pytest.mark.parametrize("free", [None, 0, 2])
def test_licences_run_out_where_they_do_with_the_verbs(aozora: Organization, aiko: Member, free: int | None) -> None:
    if free is None:
        Subscription.objects.get(organization=aozora, product=Product.PASS).end(by=OPERATOR)
    else:
        used = Subscription.objects.get(organization=aozora, product=Product.PASS).used
        Subscription.objects.buy(aozora, Product.PASS, used + free, by=OPERATOR)
    people = [person(line, f"p{line}@aozora.example", is_active=line != 3) for line in range(1, 6)]

    expected, theirs = afterwards(by_verbs, aozora, people, OPERATOR)
    refused, ours = afterwards(in_batches, aozora, people, OPERATOR)

    assert refused == expected
    assert [line for line, _ in refused] == ([1, 2, 4, 5] if not free else [4, 5])
    assert ours == theirs


def test_a_sandbox_has_rules_of_its_own(sandbox: Organization, aozora: Organization, mia: Member) -> None:
    people = [person(2, "mia@aozora.example"), person(3, "no address"), person(4, "NO ADDRESS"), person(5, "x" * 300)]

    expected, theirs = afterwards(by_verbs, sandbox, people, OPERATOR)
    refused, ours = afterwards(in_batches, sandbox, people, OPERATOR)

    assert refused == expected
    assert [line for line, _ in refused] == [4, 5]
    assert ours == theirs


# -- batches


def test_a_batch_costs_the_same_statements_whatever_its_size(aozora: Organization, aiko: Member, design: Team) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 1000, by=OPERATOR)
    counts = []
    for size in (5, 200):
        people = [person(n, f"s{size}n{n}@aozora.example", teams=[design]) for n in range(size)]
        with CaptureQueriesContext(connection) as queries:
            assert in_batches(aozora, people, OPERATOR) == []
        # A large INSERT is several where the database takes so many values.
        counts.append(sum(not query["sql"].startswith("INSERT") for query in queries))

    assert counts[0] == counts[1] < 25


def test_each_batch_stays_whatever_becomes_of_the_next(
    aozora: Organization, aiko: Member, hakata: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, theirs = [person(n, f"p{n}@aozora.example") for n in range(6)], rows_of(hakata)
    progress = write(iter(people), aozora, by=OPERATOR, size=4)

    assert next(progress) == Progress(line=3, created=4, refused=[])
    after = rows()
    monkeypatch.setattr(Headcount, "shift", _break)
    with pytest.raises(RuntimeError):
        next(progress)
    assert rows() == after
    monkeypatch.undo()

    # The same list again makes those that are missing.
    again = in_batches(aozora, people, OPERATOR)
    assert [(one.line, one.refusal.code) for one in again] == [(n, "address_taken_here") for n in range(4)]
    assert Headcount.objects.get(pk=aozora.pk).members == aozora.members.count() == 7
    assert rows_of(hakata) == theirs


def _break(*_: Any, **__: Any) -> None:
    raise RuntimeError


def test_an_address_that_is_taken_meanwhile_is_refused_at_the_second_look(
    aozora: Organization, aiko: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[dict[str, Owner]] = [{}]
    monkeypatch.setattr(many, "owners", lambda *asked: looks.pop() if looks else owners(*asked))

    refused = in_batches(aozora, [person(2, "new@aozora.example"), person(3, aiko.account.email)], OPERATOR)

    assert not looks
    assert [(one.line, one.refusal.code) for one in refused] == [(3, "address_taken_here")]
    assert Headcount.objects.get(pk=aozora.pk).members == aozora.members.count() == 2


def test_a_licence_that_is_taken_meanwhile_is_refused_at_the_second_look(
    aozora: Organization, aiko: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 1, by=OPERATOR)
    looks = [Subscription(bought=2)]
    running = Subscription.running
    monkeypatch.setattr(Subscription, "running", lambda *asked: looks.pop() if looks else running(*asked))

    refused = in_batches(aozora, [person(n, f"p{n}@aozora.example") for n in (2, 3)], OPERATOR)

    assert not looks
    assert [(one.line, one.refusal.code) for one in refused] == [(3, "no_free_licence")]
    assert Subscription.objects.get(organization=aozora, product=Product.PASS).used == 1


def test_new_members_get_no_mail_and_administrators_one_about_new_administrators(
    aozora: Organization, aiko: Member
) -> None:
    Outgoing.objects.all().delete()
    people = [person(n, f"p{n}@aozora.example", role=Role.ADMIN if n < 2 else Role.USER) for n in range(4)]

    list(write(people, aozora, by=OPERATOR, size=2))

    recipients = [row.recipient for row in Outgoing.objects.all()]
    assert recipients.count(aiko.account.email) == 1
    assert not {"p2@aozora.example", "p3@aozora.example"} & set(recipients)
