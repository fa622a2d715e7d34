"""Lists of people are read as the programs write them that people download them from: no word becomes a person."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from tests.cast import managed, nulab, page_actor, provisioned
from tests.cast.console import text
from tests.cast.rows import unchanged

PAYLOADS = sorted((Path(__file__).parent / "lists").glob("*.csv"))
RIKU, ERI = "riku.ono@aozora.example", "eri.abe@aozora.example"


def sent(desk: Client, organization: Organization, page: str, content: bytes | str) -> Any:
    file = SimpleUploadedFile("list.csv", content.encode() if isinstance(content, str) else content)
    with unchanged():
        return desk.post(reverse(page, args=[organization.space_key]), {"file": file})


def previewed(desk: Client, organization: Organization, content: bytes | str) -> list[tuple[str, str]]:
    answer = sent(desk, organization, "provisioning-preview", content)
    assert answer.status_code == 200, text(answer)
    return [(one.person.user_name, one.outcome.value) for one in answer.context["found"].verdicts]


def imported(desk: Client, organization: Organization, content: bytes | str) -> list[list[tuple[str, list[str]]]]:
    """Of each row the cells, with what is wrong."""
    answer = sent(desk, organization, "members-import", content)
    assert "rows" in answer.context, text(answer)
    return [[(cell["text"], cell["errors"]) for cell in row["cells"]] for row in answer.context["rows"]]


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_an_export_is_read_with_who_is_active(desk: Client, aozora: Organization, path: Path) -> None:
    answer = sent(desk, aozora, "provisioning-preview", path.read_bytes())

    found = [verdict.person for verdict in answer.context["found"].verdicts]
    assert [(one.user_name, one.is_active, one.unclear) for one in found] == [(RIKU, True, None), (ERI, False, None)]
    assert found[0].name in ("Riku Ono", "小野 陸", "陸 小野")
    assert previewed(desk, aozora, path.read_bytes()) == [(RIKU, "created"), (ERI, "not-sent")]


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_create_from_csv_reads_the_same_files_and_creates_nobody_who_is_kept_out(
    desk: Client, aozora: Organization, path: Path
) -> None:
    riku, eri = imported(desk, aozora, path.read_bytes())

    assert [cell for cell, _errors in riku][:2] in ([RIKU, "Riku Ono"], [RIKU, "小野 陸"])
    assert not any(errors for _cell, errors in riku)
    assert [errors for _cell, errors in eri if errors] == [
        ["The file says that this person is inactive. Remove the row: created accounts are always active."]
    ]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_export_of_this_site_changes_nobody(
    desk: Client, aozora: Organization, aiko: Member, language: str
) -> None:
    provisioned(aozora, "kenji", display_name="-Kenji =Mori", external_id="+kenji")
    provisioned(aozora, "mia", is_active=False)
    address = reverse("members-export", args=[aozora.space_key])
    aiko.account.prefer(by=page_actor(aiko), language=language)

    content = b"".join(desk.post(address))
    answer = sent(desk, aozora, "provisioning-preview", content)

    verdicts = answer.context["found"].verdicts
    assert len(verdicts) == 3
    assert [(one.outcome.value, one.changes) for one in verdicts if one.refusal is None] == [("matched", {})] * 2
    assert [one.refusal.code for one in verdicts if one.refusal] == ["is_nulab_account"]
    assert content.decode("utf-8-sig").startswith({"en": '"Email"', "ja": '"メールアドレス"'}[language])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("Mitarbeiter,Kontakt,Abteilung\nRiku Ono,riku.ono@aozora.example,Sales\n", "Mitarbeiter, Kontakt, Abteilung"),
        ("riku.ono@aozora.example,Riku Ono,Sales\neri.abe@aozora.example,Eri Abe,Sales\n", "riku.ono@aozora.example"),
        ("社員番号;部署\n1;営業部\n", "社員番号, 部署"),
        ("Kontakt\nriku.ono@aozora.example\n", "Kontakt"),
        ("hello", "hello"),
        ('"a","b"\n"c","d"\n', "a, b"),
    ],
)
@pytest.mark.parametrize("page", ["provisioning-preview", "members-import"])
def test_a_table_without_a_known_column_is_no_list_of_words(
    desk: Client, aozora: Organization, page: str, content: str, found: str
) -> None:
    answer = sent(desk, aozora, page, content)

    assert answer.status_code == 422
    errors = str(answer.context["form"].errors)
    assert f"no column with addresses was found; found: {found}" in errors


@pytest.mark.parametrize("page", ["provisioning-preview", "members-import"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_quote_that_is_not_closed_hides_nobody(desk: Client, aozora: Organization, page: str, end: str) -> None:
    """It would take the lines behind it for one name."""
    content = f'Email,Name,Teams\n{RIKU},"Riku,\n{ERI},Eri,{end}'

    assert "The quoted value that begins in row 2 is not closed. Close it" in str(
        sent(desk, aozora, page, content).context["form"].errors
    )
    assert "yuki@aozora.example" in text(sent(desk, aozora, page, f'Email,Name\nyuki@aozora.example,Y 27"{end}'))


@pytest.mark.parametrize("page", ["provisioning-preview", "members-import"])
def test_a_file_of_nothing_but_commas_is_empty(desk: Client, aozora: Organization, page: str) -> None:
    assert "has no rows below the header" in str(sent(desk, aozora, page, ",,,\n,,,\n").context["form"].errors)


@pytest.mark.parametrize(
    ("header", "word", "outcome"),
    [
        *(("status", word, "not-sent") for word in (
            "停止中", "無効", "Archived", "STAGED", "Deprovisioned", "LOCKED_OUT", "suspended", "Unactivated", "退職",
            "False", "0", "Sign-in blocked", "非アクティブ", "ｓｕｓｐｅｎｄｅｄ")),
        *(("status", word, "created") for word in (
            "有効", "アクティブ", "Active", "PROVISIONED", "Password expired", "はい", "TRUE", "1", "")),
        *(("status", word, "unclear") for word in ("Pending", "休職", "42", "maybe")),
        *((header, "True", "not-sent") for header in (
            "Block credential", "suspended", "isSuspended", "Disabled", "Sign-in blocked", "停止",
            "サインインのブロック", "lockedOut", "無効", "Archived", "nsAccountLock")),
        *((header, "False", "created") for header in ("Block credential", "suspended", "サインインのブロック", "無効")),
        *((header, "False", "not-sent") for header in ("accountEnabled", "Enabled", "有効", "アカウントの有効化")),
        ("Block credential", "unknown", "unclear"), ("suspended", "Enabled", "unclear"),
        ("userAccountControl", "514", "not-sent"), ("userAccountControl", "512", "created"),
        ("userAccountControl", "x", "unclear"),
        ("state", "Kyoto", "created"), ("state", "SUSPENDED", "not-sent"),
    ],
)  # fmt: skip
def test_a_word_for_the_state_is_known_or_said(
    desk: Client, aozora: Organization, header: str, word: str, outcome: str
) -> None:
    assert previewed(desk, aozora, f"email,{header}\n{RIKU},{word}\n") == [(RIKU, outcome)]


def test_an_unknown_word_is_said_in_its_row_at_both_doors(desk: Client, aozora: Organization) -> None:
    content = f"email,name,status\n{RIKU},Riku,Active\n{ERI},Eri,休職\n"

    shown = text(sent(desk, aozora, "provisioning-preview", content))
    assert "“休職” is not known as a word for active or inactive." in shown
    assert "line 3" in shown
    assert [errors for _cell, errors in imported(desk, aozora, content)[1] if errors] == [
        ["“休職” is not known as a word for active or inactive. Write Active or Inactive."]
    ]


def test_somebody_with_a_spreadsheet_reads_no_words_of_an_identity_provider(desk: Client, aozora: Organization) -> None:
    content = "userName,email,name,role,language\nRiku Ono,mailto:riku.ono@aozora.example,Riku,boss,fr\n"

    answer = sent(desk, aozora, "members-import", content)
    for sentence in (
        "“mailto:riku.ono@aozora.example” is not an e-mail address. Enter one such as name@example.com.",
        "“boss” is not a role. Write Administrator, Member or Guest.",
        "“fr” is not a language of this site. Write English or Japanese.",
    ):
        assert sentence in text(answer)
    preview = text(sent(desk, aozora, "provisioning-preview", content))
    assert "“mailto:riku.ono@aozora.example” is not an e-mail address. Enter one such" in preview


@pytest.mark.parametrize(
    "pasted",
    [
        f"Riku Ono <{RIKU}>, Eri Abe <{ERI}>",
        f"Ono, Riku <{RIKU}>; Abe, Eri <{ERI}>",
        f'"Ono, Riku" <{RIKU}>\n"Abe, Eri" <{ERI}>',
        f"{RIKU}\t{ERI}",
        f"{RIKU} {ERI}",
        f"{RIKU}、{ERI}；",
        f"\n\n{RIKU},\r\n{ERI},\r\n",
        f'"{RIKU}"\n"{ERI}"\n',
    ],
)
def test_pasted_addresses_may_stand_with_names(desk: Client, aozora: Organization, pasted: str) -> None:
    address = reverse("provisioning-preview", args=[aozora.space_key])

    found = desk.post(address, {"text": pasted}).context["found"].verdicts

    assert [(one.person.user_name, one.outcome.value) for one in found] == [(RIKU, "created"), (ERI, "created")]
    if "<" in pasted:
        assert [sorted(one.person.name.replace(",", "").split()) for one in found] == [["Ono", "Riku"], ["Abe", "Eri"]]


def test_a_mistyped_address_among_others_is_one_of_them(desk: Client, aozora: Organization) -> None:
    nulab(aozora, "emi")
    managed(aozora, "mia")

    assert previewed(desk, aozora, f"{RIKU}\nmia@\nhello\nmia@aozora.example\n") == [
        (RIKU, "created"), ("mia@", "refused"), ("hello", "refused"), ("mia@aozora.example", "matched"),
    ]  # fmt: skip


def test_the_file_that_was_shown_is_the_one_that_is_written(desk: Client, aozora: Organization) -> None:
    answer = sent(desk, aozora, "members-import", (PAYLOADS[0].parent / "m365_ja.csv").read_bytes())
    assert answer.status_code == 422

    rows = (
        "表示名,ユーザー プリンシパル名,サインインのブロック,備考\n\n小野 陸,riku.ono@aozora.example,False,x\n".encode(
            "cp932"
        )
    )
    answer = sent(desk, aozora, "members-import", rows)
    assert answer.status_code == 200
    content = answer.context["file"].text
    assert "備考" not in content
    assert "False" not in content
    desk.post(reverse("members-import-confirm", args=[aozora.space_key]), {"content": content})

    member = Member.objects.select_related("account").get(user_name_key=RIKU)
    assert (member.account.name, member.is_active) == ("小野 陸", True)
