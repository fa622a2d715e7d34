"""Creating Managed Accounts by hand: one by a form, up to a hundred from a file; and taking the list home."""

import csv
import io
import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from members.models import Event, Member, Organization, Product, Subscription, Team
from members.people import forms
from tests.cast import OPERATOR, managed, page_actor, provisioned, signed_in
from tests.cast.console import listed, text
from tests.cast.rows import last_event, rows_of, unchanged

PAGES = ["member-new", "members-import", "members-import-template"]
YUKI = {"name": "Yuki Abe", "email": "yuki@aozora.example", "language": "ja", "role": "USER"}
HEADER = "Email,Name,Unique ID,Language,Role,Teams"


def page(name: str, organization: Organization) -> str:
    return reverse(name, args=[organization.space_key])


def sent_in(desk: Client, organization: Organization, content: str | bytes) -> Any:
    file = SimpleUploadedFile("people.csv", content.encode() if isinstance(content, str) else content)
    return desk.post(page("members-import", organization), {"file": file})


def confirmed(desk: Client, organization: Organization, content: str) -> Any:
    # Several newcomers are created as one alone is, each with its own look at the domains.
    with zeal_ignore([{"model": "members.Organization", "field": "domains"}, {"model": "*", "field": "get()"}]):
        return desk.post(page("members-import-confirm", organization), {"content": content}, follow=True)


def people(*rows: str) -> str:
    return "\r\n".join([HEADER, *rows, ""])


@pytest.fixture
def design(aozora: Organization, hakata: Organization) -> Team:
    Team.objects.create_team(hakata, "Sales", by=OPERATOR)
    return Team.objects.create_team(aozora, "Design", by=OPERATOR)


def test_a_sandbox_asks_for_no_domain_and_no_licence(client: Client, sandbox: Organization, sam: Member) -> None:
    desk = signed_in(client, sam)
    answer = desk.post(page("member-new", sandbox), YUKI | {"email": "yuki"}, follow=True)
    edit = reverse("member-edit", args=[sandbox.space_key, sandbox.members.get(unique_id="yuki").scim_id])

    shown = [text(desk.get(address)) for address in (*(page(name, sandbox) for name in PAGES[:2]), edit)]

    assert "Yuki Abe" in text(answer)
    assert all(words in it for words, it in zip(("uses no licence", "Any address", "in your IdP."), shown, strict=True))
    assert not any("verified domain" in it or "takes one" in it for it in shown)


def test_the_first_field_to_mend_gets_the_focus(desk: Client, aozora: Organization) -> None:
    answer = desk.post(page("member-new", aozora), YUKI | {"email": "yuki@gmail.com", "unique_id": "ü"})

    focused = re.findall(r"<[^>]* autofocus[^>]*>", answer.content.decode())
    assert len(focused) == 1
    assert 'name="email"' in focused[0]
    assert " autofocus" not in desk.get(page("member-new", aozora)).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_creating_is_for_administrators_only(
    client: Client, aozora: Organization, aiko: Member, mia: Member, ren: Member, name: str
) -> None:
    visitors = [client, signed_in(Client(), mia), signed_in(Client(), ren)]

    assert [visitor.get(page(name, aozora)).status_code for visitor in visitors] == [302, 403, 404]
    with unchanged():
        for visitor in visitors:
            visitor.post(page("member-new", aozora), YUKI)
            confirmed(visitor, aozora, people("yuki@aozora.example,Yuki Abe,,,,"))
            visitor.post(page("members-export", aozora))
    assert signed_in(Client(), aiko).get(page(name, aozora)).status_code == 200


# -- one


def test_of_many_teams_the_names_are_written(
    desk: Client, aozora: Organization, design: Team, monkeypatch: Any
) -> None:
    monkeypatch.setattr(forms, "MAX_LISTED", 0)
    assert "Names, separated by commas." in text(desk.get(page("member-new", aozora)))

    refused = desk.post(page("member-new", aozora), {**YUKI, "teams": "Design, Nobody"})
    assert "There is no team called “Nobody”." in text(refused)
    desk.post(page("member-new", aozora), {**YUKI, "teams": " design、"})

    assert design.memberships.get().member.account.name == "Yuki Abe"


def test_one_account_is_created_and_told_how_to_sign_in(
    desk: Client, aozora: Organization, hakata: Organization, design: Team, django_capture_on_commit_callbacks: Any
) -> None:
    theirs = rows_of(hakata)

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page("member-new", aozora), {**YUKI, "role": "GUEST", "unique_id": "yuki_a", "teams": [design.pk]})

    yuki = aozora.members.select_related("account").get(unique_id="yuki_a")
    assert (yuki.account.name, yuki.account.type, yuki.account.language) == ("Yuki Abe", "managed", "ja")
    assert (yuki.role, yuki.has_pass, yuki.unique_id_is_chosen) == ("GUEST", True, True)
    assert design.memberships.filter(member=yuki).exists()
    assert rows_of(hakata) == theirs
    (letter,) = mail.outbox
    assert letter.to == ["yuki@aozora.example"]
    assert f"http://localhost:8000/signin/spaces/{aozora.space_key}" in letter.body
    assert letter.body.startswith("Yuki Abe 様\n")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "yuki@elsewhere.example", "is not verified for this organization"),
        ("email", "aiko.tanaka@aozora.example", "It belongs to Aiko Tanaka of this organization"),
        ("email", "mia@hakata.example", "is not verified for this organization"),
        ("email", "yuki", "is not an e-mail address"),
        ("email", "yuki\u0007@aozora.example", "contains characters that cannot be stored"),
        ("unique_id", "aiko.tanaka", "is taken by Aiko Tanaka"),
        ("unique_id", "a b", "cannot be a Unique ID"),
        ("name", " ", "This field is required."),
        ("name", "\u3164", "This field is required."),
        ("role", "OWNER", "Select a valid choice"),
        ("teams", "999999", "Select a valid choice"),
        ("teams", "x", "not a valid value"),
    ],
)
def test_a_refused_creation_says_why_beside_the_field(
    desk: Client, aozora: Organization, design: Team, field: str, value: str, sentence: str
) -> None:
    with unchanged():
        answer = desk.post(page("member-new", aozora), {**YUKI, field: value})

    assert answer.status_code == 422
    assert any(sentence in error for error in answer.context["form"].errors[field])


def test_without_a_free_licence_nobody_is_created_and_the_figures_are_told(desk: Client, aozora: Organization) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)

    none_bought = "No Nulab Pass licence has been bought, and this needs one."
    assert none_bought in text(desk.get(page("member-new", aozora)))
    with unchanged():
        answer = desk.post(page("member-new", aozora), YUKI)
    assert none_bought in text(answer)


# -- from a file


def test_a_file_is_shown_first_and_written_when_confirmed(
    desk: Client, aozora: Organization, hakata: Organization, design: Team, django_capture_on_commit_callbacks: Any
) -> None:
    theirs = rows_of(hakata)
    content = people(
        "mia@aozora.example,Mia Sato,,,,",
        'yuki@aozora.example,"Abe, Yuki",mia,ja,管理者,Design',
        ",,,,,",
        "nao@aozora.example,伊藤 直,,English,guest,design； ",
    )

    with unchanged():
        preview = sent_in(desk, aozora, content)
    assert preview.status_code == 200
    assert "3 accounts. Nothing has been saved yet." in text(preview)
    with django_capture_on_commit_callbacks(execute=True):
        answer = confirmed(desk, aozora, content)

    assert "3 accounts are created." in text(answer)
    assert listed(desk, aozora) == ["Abe, Yuki", "Aiko Tanaka", "Mia Sato", "伊藤 直"]
    made = {one.unique_id: one for one in aozora.members.select_related("account")}
    assert (made["mia"].account.name, made["mia"].role, made["mia"].account.language) == ("Abe, Yuki", "ADMIN", "ja")
    assert (made["mia2"].account.name, made["mia2"].role, made["mia2"].account.language) == ("Mia Sato", "USER", "en")
    assert made["nao"].role == "GUEST"
    assert design.memberships.count() == 2
    welcomed = [letter.to[0] for letter in mail.outbox if f"/signin/spaces/{aozora.space_key}" in letter.body]
    assert sorted(welcomed) == ["mia@aozora.example", "nao@aozora.example", "yuki@aozora.example"]
    assert rows_of(hakata) == theirs


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_are_read_as_excel_writes_them_here_and_in_japan(
    desk: Client, aozora: Organization, encoding: str, delimiter: str
) -> None:
    header = delimiter.join(["名前", "メールアドレス", "ユニークID", "権限", "備考"])
    row = delimiter.join(["髙橋 ①子", "hanako@aozora.example", "hanako", "ゲスト", "x"])

    preview = sent_in(desk, aozora, f"{header}\n{row}\n".encode(encoding))

    assert preview.status_code == 200
    assert "髙橋 ①子" in text(preview)
    assert "These columns are not used: 備考" in text(preview)


WESTERN = ["Jérôme Müller", "Zoë Åberg", "Éric Ünal", "Søren Ærø", "Hélène Nuñez", "José"]


@pytest.mark.parametrize(
    ("encoding", "names", "guess"),
    [
        ("cp1252", WESTERN, "Windows-1252"),
        ("cp932", ["山田 テスト", "ﾔﾏﾀﾞ", "森 A子", "彌"], "Shift_JIS"),
        ("cp932", ["佐藤 花子", "鈴木 一"], "Shift_JIS"),
        ("utf-8", WESTERN, ""),
    ],
)
def test_what_excel_writes_in_the_west_is_told_from_what_it_writes_in_japan(
    desk: Client, aozora: Organization, encoding: str, names: list[str], guess: str
) -> None:
    content = people(*(f"p{number}@aozora.example,{name},,,," for number, name in enumerate(names)))

    shown = text(sent_in(desk, aozora, content.encode(encoding)))

    assert [name for name in names if name not in shown] == []
    assert "The file was read as" not in shown if not guess else f"The file was read as {guess}." in shown


def test_every_error_stands_in_its_cell_and_nothing_can_be_confirmed(
    desk: Client, aozora: Organization, aiko: Member, design: Team
) -> None:
    content = people(
        "aiko.tanaka@aozora.example,Aiko Two,aiko.tanaka,fr,boss,Sales;Design;Nobody",
        "yuki@elsewhere.example,,a b,,,",
        "nao@aozora.example,Nao,nao,,,",
        "NAO@aozora.example,Nao Again,Nao,,,",
        "=1+1,<b>Bold</b>,,,,",
    )

    with unchanged():
        preview = sent_in(desk, aozora, content)
        again = confirmed(desk, aozora, content)

    assert preview.status_code == again.status_code == 422
    errors = [
        [(str(cell["label"]), len(cell["errors"])) for cell in row["cells"] if cell["errors"]]
        for row in preview.context["rows"]
    ]
    assert errors == [
        [("Email", 1), ("Unique ID", 1), ("Language", 1), ("Role", 1), ("Teams", 2)],
        [("Email", 1), ("Name", 1), ("Unique ID", 1)],
        [],
        [("Email", 1), ("Unique ID", 1)],
        [("Email", 1)],
    ]
    shown = text(preview)
    for sentence in (
        "It belongs to Aiko Tanaka", "is taken by Aiko Tanaka", "There is no team called “Sales”", "Row 4 has the same",
        "12 errors",
    ):  # fmt: skip
        assert sentence in shown
    assert "<b>Bold" not in preview.content.decode()
    assert page("members-import-confirm", aozora) not in preview.content.decode()


def test_an_address_of_another_organization_is_taken_without_saying_whose(desk: Client, aozora: Organization) -> None:
    elsewhere = managed(aozora, "emi")
    elsewhere.convert_to_nulab(by=OPERATOR)
    elsewhere.remove(by=OPERATOR)

    shown = text(sent_in(desk, aozora, people("emi@aozora.example,Emi,,,,")))

    assert "There's already an account with that email." in shown.replace("&#x27;", "'")
    assert "Ueda" not in shown


def test_licences_that_do_not_suffice_are_told_with_the_figures(desk: Client, aozora: Organization) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 1, by=OPERATOR)
    content = people("yuki@aozora.example,Yuki,,,,", "nao@aozora.example,Nao,,,,")

    with unchanged():
        preview = sent_in(desk, aozora, content)
        confirmed(desk, aozora, content)

    assert "This needs 2 Nulab Pass licences, and 1 of 1 are free." in text(preview)


def test_what_has_changed_since_the_preview_undoes_all_of_it(
    desk: Client, aozora: Organization, monkeypatch: Any
) -> None:
    content = people("yuki@aozora.example,Yuki,,,,", "aiko.tanaka@aozora.example,Nao,,,,")
    monkeypatch.setattr("members.newcomers.check.owners", lambda organization, addresses: {})

    before = rows_of(aozora)
    answer = confirmed(desk, aozora, content)

    assert rows_of(aozora) == before
    assert "Row 3: There" in text(answer)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Add one row for each person."),
        (HEADER.encode(), "has no rows below the header"),
        (b"Name\nMia\n", "The column “Email” is missing"),
        (b"Email,Name,E-mail\na,b,c\n", "two columns for “Email”"),
        (people(*["a@b.c,A,,,,"] * 101).encode(), "The file has 101 rows"),
        (b"Email,Name\nmia\0@aozora.example,Mia\n", "This is not a CSV file"),
        (b"\xff\xfe\x00\x80\x81", "This is not a CSV file"),
        (b"\x89PNG\r\n\x1a\n\x00", "This is not a CSV file"),
        (f'Email,Name\n"{"x" * 200_000}",Mia\n'.encode(), "begins in row"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
    ],
    ids=["empty", "header", "no email", "twice", "101", "nul", "bytes", "picture", "one cell", "large"],
)
def test_a_file_that_cannot_be_used_says_why(desk: Client, aozora: Organization, content: bytes, sentence: str) -> None:
    with unchanged():
        answer = sent_in(desk, aozora, content)

    assert answer.status_code == 422
    assert sentence in text(answer)


def test_a_form_without_a_file_and_an_invented_confirmation_are_no_errors(desk: Client, aozora: Organization) -> None:
    with unchanged():
        assert desk.post(page("members-import", aozora), {"file": "x"}).status_code == 422
        assert desk.get(page("members-import-confirm", aozora)).status_code == 405
    assert "This is not a CSV file" in text(confirmed(desk, aozora, "\0"))


def test_the_template_can_be_sent_in_as_it_is(desk: Client, aozora: Organization) -> None:
    template = b"".join(desk.get(page("members-import-template", aozora)))

    assert sent_in(desk, aozora, template).status_code == 200


def test_files_say_roles_in_the_readers_words(desk: Client, aozora: Organization, aiko: Member) -> None:
    aiko.account.prefer(by=page_actor(aiko), language="ja")

    assert "メンバー" in b"".join(desk.get(page("members-import-template", aozora))).decode()
    assert exported(desk, aozora)[1][4] == "管理者"


# -- taking the list home


def exported(desk: Client, organization: Organization, **query: str) -> list[list[str]]:
    answer = desk.post(f"{page('members-export', organization)}?{'&'.join('='.join(one) for one in query.items())}")
    assert answer["Content-Disposition"].endswith(f'-{organization.slug}.csv"')
    content = b"".join(answer)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_export_has_the_filtered_members_with_formulas_defused(
    desk: Client, aozora: Organization, mia: Member, design: Team, monkeypatch: Any
) -> None:
    monkeypatch.setattr("members.people.csv_rows.BATCH", 1)
    provisioned(aozora, "kenji", display_name="=cmd|' /C calc'!A0", external_id="+1")
    design.add(mia, by=OPERATOR)

    header, *rows = exported(desk, aozora)
    assert header[:6] == HEADER.split(",")
    assert header[10:12] == ["Created (UTC)", "Last sync (UTC)"]
    assert [row[1] for row in rows] == ["Aiko Tanaka", "Mia Sato", "'=cmd|' /C calc'!A0"]
    assert rows[1][:6] == ["mia@aozora.example", "Mia Sato", "mia", "en", "Member", "Design"]
    assert rows[2][-1] == "'+1"

    assert [row[1] for row in exported(desk, aozora, type="managed", sort="-name")[1:]] == ["Mia Sato"]
    event = last_event(aozora)
    assert (event.event, event.operator_name, event.changes) == (
        Event.MEMBERS_EXPORTED, "Aiko Tanaka", {"type": ["", "managed"]},
    )  # fmt: skip
