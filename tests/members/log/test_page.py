"""Organization Settings › Audit log: who did what, when, from where, with before and after."""

import csv
import datetime
import io
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from zeal import zeal_ignore

from api.audit_events import ApiEvent
from members import words as audit_words
from members.actors import Actor, Kind
from members.console import keyset
from members.log import history
from members.log import listing as audit_log
from members.models import AuditEvent, Event, Member, Organization, Role, audit
from members.models.member.refusals import LastAdministrator
from provisioning.events import ProvisioningEvent
from saml.events import SamlEvent
from tests.cast import OPERATOR, managed, page_actor, provisioned, signed_in
from tests.cast.console import text
from tests.cast.rows import events, last_event


def address(organization: Organization, name: str = "audit-log") -> str:
    return reverse(name, args=[organization.space_key])


def shown(client: Client, organization: Organization, **query: str) -> list[str]:
    """Titles and subjects of the events on the page."""
    page = client.get(address(organization), query).content.decode()
    return [text_of(summary) for summary in re.findall(r"<summary>(.*?)</summary>", page, flags=re.DOTALL)]


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).partition(" UTC ")[2] or " ".join(
        re.sub(r"<span class=\"call-time\">.*?</span>|<[^>]+>", " ", html).split()
    )


def exported(client: Client, organization: Organization, **query: str) -> list[dict[str, str]]:
    answer: Any = client.post(
        f"{address(organization, 'audit-log-export')}?{'&'.join('='.join(q) for q in query.items())}"
    )
    file = b"".join(answer.streaming_content).decode()
    assert file.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(file[1:])))


@pytest.fixture
def nao(aozora: Organization) -> Member:
    """Audit log admin, and no administrator."""
    nao = managed(aozora, "nao")
    nao.change_privileges(is_audit_log_admin=True, by=OPERATOR)
    return nao


# -- who may


def test_administrators_and_audit_log_admins_read_it_and_nobody_else(
    client: Client, aozora: Organization, aiko: Member, nao: Member, mia: Member, ren: Member
) -> None:
    mia.change_privileges(is_plan_admin=True, by=OPERATOR)

    assert client.get(address(aozora)).status_code == 302
    for name, method in (("audit-log", "GET"), ("audit-log-export", "POST")):
        answers = [
            signed_in(Client(), visitor).generic(method, address(aozora, name)) for visitor in (aiko, nao, mia, ren)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 403, 404]


def test_an_audit_log_admin_finds_both_logs_and_nothing_else(client: Client, aozora: Organization, nao: Member) -> None:
    desk = signed_in(client, nao)

    home = desk.get("/", follow=True)

    assert home.redirect_chain[-1][0] == address(aozora)
    menu = re.findall(r'<nav class="sidebar".*?</nav>', home.content.decode(), flags=re.DOTALL)[0]
    told = reverse("told", args=[aozora.space_key])
    assert re.findall(r'<a href="([^"]+)"', menu) == [address(aozora), told]
    assert desk.get(reverse("members", args=[aozora.space_key])).status_code == 403


def test_whoever_has_no_privilege_is_led_to_the_profile(client: Client, mia: Member) -> None:
    assert signed_in(client, mia).get("/")["Location"] == reverse("profile")


# -- what stands there


def test_an_event_shows_who_what_when_from_where_with_before_and_after(
    desk: Client, aozora: Organization, aiko: Member, mia: Member
) -> None:
    desk.post(
        reverse("member-edit", args=[aozora.space_key, mia.scim_id]),
        {"role": "ADMIN", "initial-role": "USER", "name": "Mia Sato", "initial-name": "Mia Sato",
         "user_name": "mia@aozora.example", "initial-user_name": "mia@aozora.example", "email": "", "initial-email": "",
         "language": "en", "initial-language": "en", "unique_id": "mia", "initial-unique_id": "mia",
         "time_zone": "UTC", "initial-time_zone": "UTC"},
        headers={"User-Agent": "Firefox on a Thursday"},
    )  # fmt: skip

    page = text(desk.get(address(aozora)))

    assert "Role changed Mia Sato by Aiko Tanaka" in page
    assert "Role: Member → Administrator" in page
    for fact in ("aiko.tanaka@aozora.example", f"ID {aiko.account_id}", "127.0.0.1", "Firefox on a Thursday",
                 "member.role_changed", "Apps", aozora.space_key, "V1"):  # fmt: skip
        assert fact in page


def test_the_idp_and_support_are_called_by_what_they_are_and_support_staff_stay_unknown(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    provisioned(aozora, "kenji")
    staff = Actor(kind=Kind.SUPPORT, name="Nulab Support", account_id=4711, ip_address="203.0.113.99")
    aozora.rename(name="Aozora Studio", by=staff)

    page = text(desk.get(address(aozora)))

    assert "Account created Kenji Mori by User provisioning" in page
    assert "by Nulab Support" in page
    assert "4711" not in page
    assert "203.0.113.99" not in page
    row = exported(desk, aozora, event="organization.renamed")[0]
    assert [row[f"operation_user_{name}"] for name in ("id", "name", "email")] == ["", "Nulab Support", ""]
    assert row["ip_address"] == ""


def test_the_neighbours_events_are_never_there(desk: Client, aozora: Organization, hakata: Organization) -> None:
    hakata.rename(name="Hakata Works", by=OPERATOR)
    theirs = last_event(hakata)

    page = desk.get(address(aozora), {"after": audit_log.NEWEST_FIRST.cursor_of(theirs)}).content.decode()

    assert "Hakata" not in page
    assert not any("Hakata" in row["subject"] for row in exported(desk, aozora))


def test_a_subject_leads_to_the_member_as_long_as_there_is_one_and_the_reader_may(
    desk: Client, aozora: Organization, mia: Member, nao: Member
) -> None:
    emi = managed(aozora, "emi")
    emi.remove(by=OPERATOR)
    page = desk.get(address(aozora)).content.decode()

    assert reverse("member", args=[aozora.space_key, mia.scim_id]) in page
    assert reverse("member", args=[aozora.space_key, emi.scim_id]) not in page
    as_nao = signed_in(Client(), nao).get(address(aozora)).content.decode()
    assert reverse("member", args=[aozora.space_key, mia.scim_id]) not in as_nao


def test_what_was_refused_is_told_in_the_readers_language(desk: Client, aozora: Organization, aiko: Member) -> None:
    refusal = LastAdministrator(member="Mia Sato")
    with aozora.locked():
        audit.record(SamlEvent.TESTED, aozora, by=OPERATOR, changes={"refusal": [refusal.code, refusal.figures]})

    english = [text(desk.get(page)) for page in (address(aozora), address(aozora, "start"))]
    aiko.account.prefer(by=page_actor(aiko), language="ja")
    japanese = [text(desk.get(page)) for page in (address(aozora), address(aozora, "start"))]

    assert all("Mia Sato is the last active administrator of this organization." in page for page in english)
    assert all("Mia Satoさんはこの組織の最後のアクティブな管理者です。" in page for page in japanese)
    assert not any(refusal.code in page for page in english + japanese)


# -- narrowing it down


def test_it_is_narrowed_by_event_category_actor_and_subject(
    desk: Client, aozora: Organization, aiko: Member, mia: Member
) -> None:
    provisioned(aozora, "kenji")
    mia.change_role(Role.GUEST, by=page_actor(aiko))

    by_aiko = ["Role changed Mia Sato by Aiko Tanaka"]
    kenji = ["Account created Kenji Mori by User provisioning"]
    assert shown(desk, aozora, event="member.role_changed") == by_aiko
    assert shown(desk, aozora, event="member")[0] == by_aiko[0]
    assert shown(desk, aozora, actor="aiko") == by_aiko
    assert shown(desk, aozora, actor="AIKO.TANAKA@") == by_aiko
    assert shown(desk, aozora, actor="user prov") == kenji
    assert shown(desk, aozora, subject="Kenji") == kenji
    assert shown(desk, aozora, subject=mia.scim_id, event="member") == by_aiko
    assert shown(desk, aozora, subject=mia.scim_id.upper(), event="member") == by_aiko
    assert shown(desk, aozora, actor="ren") == []
    aozora.audit.filter(event="member.role_changed").update(request_id="5f0c4be1")
    assert shown(desk, aozora, subject="5F0C4BE1") == by_aiko


def test_days_are_those_of_the_reader(desk: Client, aozora: Organization, aiko: Member, mia: Member) -> None:
    aiko.account.prefer(by=page_actor(aiko), time_zone="Asia/Tokyo")
    # Ten in the evening in London is the next morning in Tokyo.
    evening = datetime.datetime(2026, 3, 1, 22, tzinfo=datetime.UTC)
    AuditEvent.objects.filter(subject_id=mia.scim_id).update(at=evening)

    assert shown(desk, aozora, since="2026-03-01", until="2026-03-01") == []
    assert len(shown(desk, aozora, since="2026-03-02", until="2026-03-02")) == 1
    assert [row["date"] for row in exported(desk, aozora, until="2026-03-02")] == ["2026-03-01T22:00:00Z"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"event": "no.such"},
        {"actor": "\x00"},
        {"subject": "x" * 514},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
    ],
)
def test_filters_that_cannot_be_understood_show_nothing_and_are_told(
    desk: Client, aozora: Organization, mia: Member, query: dict[str, str]
) -> None:
    answer = desk.get(address(aozora), query)

    assert answer.status_code == 422
    assert "<summary>" not in answer.content.decode().partition("<main")[2]
    assert "field-error" in answer.content.decode()


@pytest.mark.parametrize("cursor", ["x", "|", "2026-01-01|1", "\x00|1", f"2026-01-01T00:00:00Z|{'9' * 40}", "|" * 99])
def test_a_cursor_that_nobody_gave_out_is_no_error(desk: Client, aozora: Organization, cursor: str) -> None:
    assert desk.get(address(aozora), {"after": cursor}).status_code == 200


# -- millions of rows


@pytest.fixture
def busy(aozora: Organization, mia: Member) -> int:
    """More events than a page holds, many of them at the same moment."""
    moment = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
    AuditEvent.objects.bulk_create(
        AuditEvent(
            organization=aozora, event=Event.PASSWORD_SET, operator_kind="operator", operator_name=f"number {number}",
            at=moment + datetime.timedelta(seconds=number // 7),
        )
        for number in range(130)
    )  # fmt: skip
    return aozora.audit.count()


def walk(client: Client, organization: Organization, **query: str) -> list[str]:
    """Every event, by following the link to the next page."""
    pages = walk_pages(client, organization, **query)
    return [number for page in pages for number in page]


def walk_pages(client: Client, organization: Organization, way: str = "next", **query: str) -> list[list[str]]:
    found, link = [], f"{address(organization)}?{'&'.join('='.join(q) for q in query.items())}"
    while link:
        page = client.get(link).content.decode()
        found.append(re.findall(r"ID (\d+) · <code>", page))
        following = re.search(f'rel="{way}" href="([?][^"]*)"', page) or re.search(r'href="([?][^"]*)">\s*Search', page)
        link = f"{address(organization)}{following[1].replace('&amp;', '&')}" if following else ""
    return found


def test_every_event_is_met_once_by_going_back(desk: Client, aozora: Organization, busy: int) -> None:
    met = walk(desk, aozora)

    assert len(met) == len(set(met)) == busy


def test_the_way_back_leads_over_the_same_pages(desk: Client, aozora: Organization, busy: int) -> None:
    there = walk_pages(desk, aozora)
    last = aozora.audit.get(pk=there[-2][-1])

    back = walk_pages(desk, aozora, "prev", after=quote(audit_log.NEWEST_FIRST.cursor_of(last)))

    assert len(there) > 2
    assert back[::-1] == there
    assert len(exported(desk, aozora)) == busy + 1  # the export itself


def test_what_few_events_match_is_looked_for_a_stretch_at_a_time(
    desk: Client, aozora: Organization, busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "LOOKED_THROUGH", 40)
    monkeypatch.setattr(keyset, "SEARCHED", 7)

    first = text(desk.get(address(aozora), {"actor": "number 3"}))

    assert "Searched back to" in first
    assert len(walk(desk, aozora, actor="number 3")) == 11  # 3 and 30 to 39
    assert "Searched back to" not in text(desk.get(address(aozora)))
    # A stretch is a statement.
    with CaptureQueriesContext(connection) as asked, zeal_ignore([{"model": "members.Organization", "field": "audit"}]):
        assert len(exported(desk, aozora, actor="number 3")) == 11
    assert len([query for query in asked if "number 3" in query["sql"].lower()]) > busy / 16


def test_a_page_costs_as_many_queries_with_more_events_and_counts_nothing(
    desk: Client, aozora: Organization, busy: int
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        desk.get(address(aozora), {"actor": "number", "subject": "x"})

    assert not any("COUNT(" in query["sql"] for query in asked)
    assert len(asked) < 14


# -- the file


def test_the_file_has_the_columns_of_the_apps_audit_logs_and_is_an_event_itself(
    desk: Client, aozora: Organization, aiko: Member, mia: Member
) -> None:
    mia.change_role(Role.GUEST, by=page_actor(aiko))

    rows = exported(desk, aozora, event="member")

    assert list(rows[0])[:13] == [
        "id", "space_key", "product", "date", "category", "event", "action", "operation_user_id",
        "operation_user_name", "operation_user_email", "ip_address", "user_agent", "version",
    ]  # fmt: skip
    assert {row["category"] for row in rows} == {"member"}
    assert rows[0]["action"] == "Role changed · Mia Sato · Role: Member → Guest"
    assert rows[0]["changes"] == '{"role": ["USER", "GUEST"]}'
    assert events(aozora)[-1] == "audit_log.exported"
    assert last_event(aozora).changes == {"event": ["", "member"]}
    assert last_event(aozora).operator_name == "Aiko Tanaka"


@pytest.mark.parametrize("name", ["=1+1", "+81", "-1", "@SUM(A1)", " =1", "＝1"])
def test_no_cell_of_the_file_is_a_formula(desk: Client, aozora: Organization, mia: Member, name: str) -> None:
    mia.change_profile({"display_name": name}, by=OPERATOR)

    cells = [cell for row in exported(desk, aozora) for cell in row.values()]

    assert f"'{name.strip()}" in cells
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))]


def test_the_file_speaks_the_readers_language(desk: Client, aozora: Organization, aiko: Member, mia: Member) -> None:
    aiko.account.prefer(by=page_actor(aiko), language="ja")

    rows = exported(desk, aozora, event="account.created")

    assert rows[0]["action"].startswith("アカウントの作成")
    assert rows[0]["event"] == "account.created"


def test_wrong_filters_are_not_exported_wider(desk: Client, aozora: Organization) -> None:
    answer = desk.post(f"{address(aozora, 'audit-log-export')}?event=no.such")

    assert answer["Location"] == f"{address(aozora)}?event=no.such"
    assert "audit_log.exported" not in events(aozora)


def test_files_in_the_making_leave_room_for_others(desk: Client, aozora: Organization) -> None:
    path = address(aozora, "audit-log-export")
    making = [desk.post(path) for _ in range(2)]
    recorded = aozora.audit.count()

    refused = desk.post(path)

    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert "Try again in a minute" in refused.content.decode()
    assert aozora.audit.count() == recorded
    for response in making:
        assert b"audit_log" in b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert exported(desk, aozora)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", list(history.OPERATORS))
def test_whoever_is_no_person_is_found_by_what_is_shown(
    desk: Client, aozora: Organization, aiko: Member, language: str, kind: Kind
) -> None:
    """By the very words of the page, in the reader's language."""
    aozora.audit.all().delete()
    with aozora.locked():
        audit.record(SamlEvent.TESTED, aozora, by=Actor(kind=kind, name="As it is stored"))
        audit.record(SamlEvent.CHANGED, aozora, by=OPERATOR)
    aiko.account.prefer(by=page_actor(aiko), language=language)
    with override(language):
        words, title = str(history.OPERATORS[kind]), str(SamlEvent.TESTED.label)

    found = shown(desk, aozora, actor=words)

    assert len(found) == 1
    assert title in found[0]
    assert words in found[0]


def test_every_event_of_every_app_has_a_category_in_words() -> None:
    assert {event.partition(".")[0] for event in audit_words.events()} == audit_words.categories().keys()
    assert {
        *Event.values,
        *SamlEvent.values,
        *ProvisioningEvent.values,
        *ApiEvent.values,
    } == audit_words.events().keys()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_choice_of_events_is_one_word_and_finds_exactly_its_events(aozora: Organization, language: str) -> None:
    known = audit_words.events().values()
    AuditEvent.objects.bulk_create(AuditEvent(organization=aozora, event=event, subject="chosen") for event in known)
    made = aozora.audit.filter(subject="chosen")

    with override(language):
        choices: Any = audit_log.AuditLogFilter({}, organization=aozora).fields["event"]
        groups = [list(group) for title, group in choices.choices if title]
        labels = [str(label) for group in groups for _, label in group]

    assert len(set(labels)) == len(labels) > 40
    for (category, _), *single in groups:
        found = {}
        for value in [category, *(value for value, _ in single)]:
            form = audit_log.AuditLogFilter({"event": value}, organization=aozora)
            assert form.is_valid()
            found[value] = sorted(made.filter(form.matching()).values_list("event", flat=True))
        assert found.pop(category) == sorted(found)
        assert all(names == [value] for value, names in found.items())
