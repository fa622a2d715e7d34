"""manage.py import_members: what it makes of a file of any length."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from members.lists.refusals import EmptyFile, QuoteWithoutEnd, UnreadableFile
from members.lists.table import LongTable, Table
from members.models import Member, Organization, Product, Subscription, Team
from members.newcomers.long_file import BATCH
from members.newcomers.refusals import ColumnMissing, ColumnTwice
from members.people.csv_rows import header, row_of
from members.refusals import Refusal
from tests.cast import OPERATOR, managed
from tests.cast.rows import unchanged

LISTS = sorted((Path(__file__).parent / "lists").glob("*.csv"))
HEADER = "Email,Name,Unique ID,Language,Role,Teams,Sign-in address,Status,externalId"


def typed(*words: Any) -> tuple[str, str, str]:
    """The output of the command on stdout and stderr, and its last word if it fails."""
    out, err, last = StringIO(), StringIO(), ""
    try:
        call_command("import_members", *words, stdout=out, stderr=err)
    except CommandError as error:
        last = str(error)
    return out.getvalue(), err.getvalue(), last


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def test_every_column_reaches_the_member(aozora: Organization, aiko: Member, file: Path) -> None:
    for name in ("Design", "デザイン"):
        Team.objects.create_team(aozora, name, by=OPERATOR)
    file.write_text(
        f"{HEADER}\n"
        "yuki.abe@aozora.example,阿部 有希,yuki_a,日本語,Administrator,Design; デザイン,yuki@aozora.example,,00u1\n"
        ",Emi Ueda,,,,,emi@aozora.example,Inactive,\n",
        encoding="utf-8",
    )

    assert typed("aozora", file, "--language", "ja") == ("2 accounts are created in Aozora Design.\n", "", "")

    yuki, emi = aozora.members.filter(unique_id__in=["yuki_a", "emi"]).select_related("account").order_by("pk")
    assert (yuki.account.user_name, yuki.account.email) == ("yuki@aozora.example", "yuki.abe@aozora.example")
    assert (yuki.account.name, yuki.account.family_name, yuki.account.language) == ("阿部 有希", "阿部", "ja")
    assert (yuki.role, yuki.external_id, yuki.has_pass, yuki.account.is_active) == ("ADMIN", "00u1", True, True)
    assert {one.team.name for one in yuki.team_memberships.all()} == {"Design", "デザイン"}
    assert (emi.role, emi.account.language, emi.has_pass, emi.account.is_active) == ("USER", "ja", False, False)
    assert emi.account.email == "emi@aozora.example"
    assert emi.account.email_follows_user_name


def test_refused_rows_are_named_by_their_line_and_the_others_are_in(
    aozora: Organization, aiko: Member, mia: Member, file: Path
) -> None:
    rows = [
        "yuki@aozora.example,Yuki Abe,,,,,,,",
        "MIA@aozora.example,Mia,,,,,,,",
        "a@b.example,A,,,,,,,",
        "p1@aozora.example,,,,,,,,",
        '"p2@aozora.example",P,,,,"Sa\nles",,,',
        "p3@aozora.example,P,,,Chief,,,,",
        "p4@aozora.example,P,,,,,,Perhaps,",
        f"p5@aozora.example,{'x' * 2000},,,,,,,",
    ]
    file.write_text("\n".join([HEADER, *rows]))

    out, err, last = typed("aozora", file)

    assert out == "1 accounts are created in Aozora Design.\n"
    assert [line.partition(":")[0] for line in err.splitlines()] == [f"Row {n}" for n in range(3, 10)]
    assert "Row 3: There's already an account with that email. It belongs to Mia Sato" in err
    assert "There is no team called “Sa”" in err
    assert last.startswith("7 rows are refused (")
    assert "unknown_status 1" in last
    assert aozora.members.filter(unique_id="yuki").exists()


def test_the_own_export_comes_back_as_it_was(aozora: Organization, aiko: Member, file: Path, sandbox: Any) -> None:
    design = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    members = [
        managed(aozora, "yuki", email="yuki.abe@aozora.example", external_id="=1", unique_id="yuki_a"),
        managed(aozora, "emi", is_active=False, language="ja"),
        managed(aozora, "nao", display_name="-Nao Ito"),
    ]
    design.add(members[0], by=OPERATOR)
    lines = [header(), *(row_of(member) for member in members)]
    comparable = [line[:8] for line in lines]
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows(lines)
    for member in members:
        member.remove(by=OPERATOR)

    assert typed("aozora", file)[1:] == ("", "")

    back = aozora.members.filter(unique_id__in=["yuki_a", "emi", "nao"]).order_by("pk")
    assert sorted(row_of(member)[:8] for member in back) == sorted(comparable[1:])


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_long_file_is_read_as_a_short_one(path: Path) -> None:
    from members.lists import decoding

    long = LongTable(path)
    short = Table(decoding.decoded(path.read_bytes(), most_bytes=10_000_000, most_people=1000).text, 1000)

    assert (long.names, list(long.lines), list(long.lines)) == (short.names, short.lines, short.lines)
    assert [(long.sign_in_address(line), long.status_words(line)) for line in long.lines] == [
        (short.sign_in_address(line), short.status_words(line)) for line in short.lines
    ]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", EmptyFile),
        (b"Email,Name\n\n", EmptyFile),
        (b"Email\nyuki@aozora.example", ColumnMissing),
        (b"Email,Name,Role,Role\nyuki@aozora.example,Y,User,Guest", ColumnTwice),
        (b"Email,Name\nyuki@aozora.example,Y\n" + b"x" * 1000 + b"\0,", UnreadableFile),
        (b"Email,Name\nyuki@aozora.example,Y\n" + b"x" * 3_000_000 + b"\x81", UnreadableFile),
        (b'Email,Name\nyuki@aozora.example,Y\n"' + b"x\n" * 100_000, QuoteWithoutEnd),
        (b'Email,Name\nyuki@aozora.example,"Y\nsora@aozora.example,S', QuoteWithoutEnd),
        (b'Email,Name\nyuki@aozora.example,Y\nsora@aozora.example,"', QuoteWithoutEnd),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_not_begun(
    aozora: Organization, aiko: Member, file: Path, content: bytes, refusal: type[Refusal]
) -> None:
    file.write_bytes(content)

    with unchanged():
        out, err, last = typed("aozora", file)

    assert (out, err) == ("", "")
    assert last
    assert last.startswith(str(refusal.sentence).split("“")[0].split("%")[0])
    assert typed("nobody", file)[2] == "There is no organization nobody."
    assert "No such file" in typed("aozora", file.with_suffix(".gone"))[2]


def test_more_than_a_batch(aozora: Organization, aiko: Member, file: Path) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 2 * BATCH, by=OPERATOR)
    lines = [f"p{n % (BATCH + 1)}@aozora.example,P {n}" for n in range(BATCH + 2)]
    file.write_text("\n".join(["Email,Name", *lines]))

    out, err, _ = typed("aozora", file)

    assert out == f"{BATCH + 1:,} accounts are created in Aozora Design.\n"
    assert err.startswith(f"Row {BATCH + 3}: There's already an account with that email. It belongs to P 0 ")
