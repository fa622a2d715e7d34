"""Preview: what a synchronization would do with a list, told before anything is sent; nothing is written."""

import csv
import datetime
import io
import re
import unicodedata
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.console import counting
from members.models import Account, Member, Organization, Product, Role, Subscription
from provisioning.matching import preview
from tests.cast import OPERATOR, managed, nulab, provisioned, scim_token, signed_in
from tests.cast.console import text
from tests.cast.rows import unchanged
from tests.scim import Idp, user

LONG_AGO = datetime.datetime(2020, 5, 1, tzinfo=datetime.UTC)
HEADER = "userPrincipalName,displayName,mail,givenName,surname,accountEnabled,objectId,preferredLanguage"


def url(organization: Organization) -> str:
    return reverse("provisioning-preview", args=[organization.space_key])


def entra(*lines: str) -> str:
    return "\n".join([HEADER, *lines])


def previewed(desk: Client, organization: Organization, listed: str) -> Any:
    return desk.post(url(organization), {"text": listed})


def outcomes(answer: Any) -> dict[str, tuple[str, str]]:
    """userName: outcome, and the code of the refusal."""
    verdicts = answer.context["found"].verdicts
    return {one.person.user_name: (one.outcome.value, one.refusal.code if one.refusal else "") for one in verdicts}


@pytest.fixture
def people(aozora: Organization, hakata: Organization) -> dict[str, Member]:
    scim_token(aozora)
    old = managed(aozora, "yuki")
    Account.objects.filter(pk=old.account_id).update(created_at=LONG_AGO)
    return {
        "kenji": provisioned(aozora, "kenji", external_id="kenji-1"),
        "mia": managed(aozora, "mia"),
        "yuki": old,
        "emi": nulab(aozora, "emi"),
        "nao": managed(aozora, "nao", is_active=False),
    }


def test_everybody_in_the_list_is_told_what_would_happen(
    desk: Client, aozora: Organization, people: dict[str, Member]
) -> None:
    listed = entra(
        "new@aozora.example,New Person,,,,True,o-1,ja",
        "MIA@aozora.example,Mia S.,,,,True,o-2,",
        "kenji@aozora.example,Kenji Mori,,,,False,kenji-1,",
        "nao@aozora.example,Nao Ito,,,,True,o-3,",
        "yuki@aozora.example,Yuki Abe,,,,True,o-4,",
        "emi@aozora.example,Emi Ueda,,,,True,o-5,",
        "gone@aozora.example,Gone,,,,False,o-6,",
        "x@elsewhere.example,X,,,,True,o-7,",
        "y@aozora.example,Y,ren.kobayashi@hakata.example,,,True,o-8,",
        "z@aozora.example,Z,mia@aozora.example,,,True,o-9,",
        "w@aozora.example,W,,,,True,kenji-1,",
        "new@aozora.example,Again,,,,True,o-10,",
    )

    with unchanged():
        answer = previewed(desk, aozora, listed)

    told = [(verdict.outcome.value, verdict.refusal.code if verdict.refusal else "")
            for verdict in answer.context["found"].verdicts]  # fmt: skip
    assert told == [
        ("created", ""), ("matched", ""), ("deactivated", ""), ("matched", ""),
        ("refused", "needs_update"), ("refused", "is_nulab_account"), ("not-sent", ""),
        ("refused", "domain_not_verified"), ("refused", "domain_not_verified"),
        ("refused", "address_taken_here"), ("created", ""), ("refused", "address_taken_here"),
    ]  # fmt: skip
    assert "Account type: Managed → Provision Managed" in text(answer)
    assert "Name: Mia Sato → Mia S." in text(answer)
    assert "Active/Inactive: Inactive → Active" in text(answer)


def test_each_cause_is_told_with_its_own_figures(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    strangers = ["one@gmail.example", *(f"p{number}@old.example" for number in range(16)), "last@hakata.example"]

    answer = previewed(desk, aozora, "\n".join(strangers))

    reasons = answer.context["found"].reasons
    assert [(verdict.refusal.figures["domain"], number) for verdict, number in reasons] == [
        ("old.example", 16),
        ("gmail.example", 1),
        ("hakata.example", 1),
    ]
    for domain in ("old.example", "gmail.example", "hakata.example"):
        assert f"“{domain}” is not verified" in answer.content.decode()


def test_an_address_taken_outside_names_nobody(desk: Client, aozora: Organization, hakata: Organization) -> None:
    nulab(hakata, "stray", email="stray@aozora.example")

    answer = previewed(desk, aozora, "stray@aozora.example")

    assert outcomes(answer) == {"stray@aozora.example": ("refused", "address_taken")}
    assert "already an account with that email." in text(answer)
    assert "Hakata" not in text(answer)


def test_it_says_what_the_scim_door_then_answers(desk: Client, aozora: Organization, people: dict[str, Member]) -> None:
    welcome = ("fresh@aozora.example", "mia@aozora.example")
    unwelcome = ("x@elsewhere.example", "not-an-address", "emi@aozora.example", "yuki@aozora.example", "a" * 300)
    names = (*welcome, *unwelcome)
    told = previewed(desk, aozora, entra(*(f"{name},,,,,True,," for name in names))).context["found"].verdicts
    idp = Idp(aozora)

    assert [verdict.refusal is None for verdict in told] == [name in welcome for name in names]
    for verdict in told:
        found = idp.find(f'userName eq "{verdict.person.user_name}"')["Resources"]
        answer = idp.patch(found[0]["id"]) if found else idp.post(user(verdict.person.user_name))
        assert (answer.status < 300) == (verdict.refusal is None)
        assert verdict.refusal is None or answer.detail == str(verdict.refusal)


def test_licences_are_counted_in_the_order_of_the_list(
    desk: Client, aozora: Organization, people: dict[str, Member]
) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 4, by=OPERATOR)

    answer = previewed(
        desk, aozora,
        entra("a@aozora.example,A,,,,True,,", "b@aozora.example,B,,,,True,,", "mia@aozora.example,Mia,,,,False,,",
              "c@aozora.example,C,,,,True,,"),
    )  # fmt: skip

    assert outcomes(answer) == {
        "a@aozora.example": ("created", ""),
        "b@aozora.example": ("refused", "no_free_licence"),
        "mia@aozora.example": ("deactivated", ""),
        "c@aozora.example": ("created", ""),
    }
    assert "4 bought, 1 free now, 0 free afterwards" in text(answer)


def test_whom_others_depend_on_would_not_be_deactivated(desk: Client, aozora: Organization) -> None:
    emi = managed(aozora, "emi", role=Role.ADMIN)
    scim_token(aozora, emi)

    answer = previewed(desk, aozora, entra("emi@aozora.example,Emi,,,,False,,"))

    assert outcomes(answer) == {"emi@aozora.example": ("refused", "is_token_issuer")}


def test_who_is_here_and_not_in_the_list_is_named(
    desk: Client, aozora: Organization, hakata: Organization, people: dict[str, Member]
) -> None:
    answer = previewed(desk, aozora, "kenji@aozora.example\nnew@aozora.example")

    assert [member.account.name for member in answer.context["absentees"]] == ["Mia Sato", "Yuki Abe"]
    assert answer.context["absent_in_words"] == "2"


def test_the_absent_of_a_large_organization_are_not_counted_to_the_end(
    desk: Client, aozora: Organization, people: dict[str, Member], monkeypatch: Any
) -> None:
    monkeypatch.setattr(counting, "MAX_COUNTED", 1)
    monkeypatch.setattr(preview, "MAX_COUNTED", 1)

    assert previewed(desk, aozora, "kenji@aozora.example").context["absent_in_words"] == "more than 1"


ADDRESSES = ["mia@aozora.example", "new@aozora.example"]
JAPANESE = "ユーザー名,displayName,userPrincipalName\n1,佐藤 美亜,mia@aozora.example\n2,新井,new@aozora.example"


@pytest.mark.parametrize(
    "content",
    [
        b"mia@aozora.example\nnew@aozora.example",
        b"mia@aozora.example, new@aozora.example;",
        JAPANESE.encode("utf-8-sig"),
        JAPANESE.encode("utf-16"),
        JAPANESE.encode("cp932"),
        JAPANESE.replace(",", ";").encode(),
        b"login\tfirstName\tstatus\nmia@aozora.example\tMia\tACTIVE\r\nnew@aozora.example\tNew\tSTAGED\r\n",
        b'"mail","Display Name"\n"mia@aozora.example","Sato, Mia"\n"new@aozora.example",""\n,nobody\n',
    ],
)
def test_a_file_is_read_however_it_was_written(desk: Client, aozora: Organization, content: bytes) -> None:
    answer = desk.post(url(aozora), {"file": SimpleUploadedFile("users.csv", content)})

    assert list(outcomes(answer)) == ADDRESSES


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Zoë Åberg", "Windows-1252"), ("Zoe O’Brien", "Windows-1252"), ("Zoe d’Été", "Windows-1252"),
        ("Šimon Bœuf", "Windows-1252"), ("Zoe – Åse", "Windows-1252"), ("Anne–Marie", "Windows-1252"),
        ("Zoe “Z” Kent", "Windows-1252"), ("竹", "Shift_JIS"), ("Riku 田", "Shift_JIS"), ("ｿﾞｴ 格", "Shift_JIS"),
    ],
)  # fmt: skip
def test_a_file_whose_encoding_was_guessed_says_so(
    desk: Client, aozora: Organization, name: str, encoding: str
) -> None:
    file = f"mail,displayName\nzoe@aozora.example,{name}\n".encode("cp1252" if encoding == "Windows-1252" else "cp932")

    answer = desk.post(url(aozora), {"file": SimpleUploadedFile("users.csv", file)})

    assert unicodedata.normalize("NFKC", name) in unicodedata.normalize("NFKC", text(answer))
    assert f"The file was read as {encoding}." in text(answer)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "Choose a file, or paste a list."),
        (
            {"text": "displayName,jobTitle\nMia,Chief"},
            "no column with addresses was found; found: displayName",
        ),
        ({"text": HEADER}, "The list contains no people."),
        ({"text": "a@b.example\n" * 5001}, "has 5,001 rows. Split it: the limit is 5,000"),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
        ({"text": f'mail\n"{"x" * 200_000}'}, "begins in row"),
        ({"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04\x00\x00")}, "This is not a CSV file in UTF-8"),
        ({"file": SimpleUploadedFile("x.csv", b"a@b.example\n" * 200_000)}, "larger than 2 MiB"),
        ({"file": SimpleUploadedFile("x.csv", b"")}, "Choose a file, or paste a list."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    desk: Client, aozora: Organization, sent: dict[str, Any], why: str
) -> None:
    answer = desk.post(url(aozora), sent)

    assert answer.status_code in (200, 422)
    assert why in text(answer)


def test_of_an_endless_address_the_beginning_is_shown(desk: Client, aozora: Organization) -> None:
    answer = previewed(desk, aozora, "newbie@aozora.example " + "@" * 100_000)

    assert answer.status_code == 200
    assert "newbie@aozora.example" in answer.content.decode()
    assert len(answer.content) < 50_000


def test_a_long_list_costs_as_many_statements_as_a_short_one(
    desk: Client, aozora: Organization, people: dict[str, Member], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        answer = previewed(
            desk, aozora, entra(*(f"p{number}@aozora.example,P,,,,True,o-{number}," for number in range(3000)))
        )

    assert answer.context["counts"]["created"] + answer.context["counts"]["refused"] == 3000


def test_strangers_and_members_see_no_preview(client: Client, aozora: Organization, ren: Member, mia: Member) -> None:
    assert signed_in(client, ren).get(url(aozora)).status_code == 404
    assert signed_in(client, nulab(aozora, "emi")).post(url(aozora), {"text": "a@aozora.example"}).status_code == 403


# -- everybody, page by page, and as a file

MANY = [f"p{number:03}@aozora.example,Person {number},,,,{['True', 'False'][number % 2]},," for number in range(250)]


def hidden(answer: Any) -> str:
    found = re.search(r'name="carried" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def test_everybody_is_seen_page_by_page_without_being_stored(desk: Client, aozora: Organization) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 500, by=OPERATOR)
    listed = entra(*MANY, "w@aozora.example,=W,,,,Perhaps,,", "x@elsewhere.example,X,,,,True,,")
    answer = previewed(desk, aozora, listed)

    seen = []
    with unchanged():
        for number in ("1", "2", "3"):
            answer = desk.post(url(aozora), {"carried": hidden(answer), "page": number})
            seen += [(one.person.line, one.outcome.value, one.person.name) for one in answer.context["page"]]

    assert seen[:2] == [(253, "refused", "X"), (252, "unclear", "=W")]
    assert sorted(line for line, _outcome, _name in seen) == list(range(2, 254))
    assert 'name="page" value="2"' in answer.content.decode()
    assert len(answer.content) < 200_000


def test_the_file_has_everybody_with_cause_and_remedy(
    desk: Client, aozora: Organization, people: dict[str, Member]
) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 500, by=OPERATOR)
    carried = hidden(previewed(desk, aozora, entra(*MANY, "x@elsewhere.example,'=X,,,,True,,")))

    answer = desk.post(reverse("provisioning-preview-csv", args=[aozora.space_key]), {"carried": carried})

    assert answer["Content-Type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    assert header[0] == "Line in the list"
    assert len(rows) == 251 + 3
    first = dict(zip(header, rows[0], strict=True))
    assert (first["Line in the list"], first["Name"], first["Result"]) == ("252", "'=X", "Refused")
    assert "“elsewhere.example” is not verified" in first["What happens"]
    assert "Microsoft Entra ID: " in first["What to do"]
    assert sorted(row[1] for row in rows if row[6] == "Here, but not in the list") == [
        "kenji@aozora.example", "mia@aozora.example", "yuki@aozora.example",
    ]  # fmt: skip


@pytest.mark.parametrize("carried", ["x", "eJwDAAAAAAE=", "AAAA", "=" * 100, "é"])
def test_an_invented_list_is_refused_in_a_sentence(desk: Client, aozora: Organization, carried: str) -> None:
    for name in ("provisioning-preview", "provisioning-preview-csv"):
        answer = desk.post(reverse(name, args=[aozora.space_key]), {"carried": carried, "page": "x"})
        assert answer.status_code == 422
    assert desk.get(reverse("provisioning-preview-csv", args=[aozora.space_key])).status_code == 405
