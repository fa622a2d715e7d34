"""The Django admin's search box: whatever a customer has written leads to the right page."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AuditEvent, DeletedAccount, Member, Organization, Outgoing
from members.support.search import MAX_HITS
from provisioning.models import SyncActivity
from tests.cast import OPERATOR, managed, provisioned, scim_token, signed_in
from tests.cast.console import support_page
from tests.scim import Idp, user


def found(client: Client, words: str) -> list[str]:
    """Where the hits lead."""
    answer = client.get(reverse("admin:find"), {"q": words})
    assert answer.status_code == 200
    return re.findall(r'<li><a href="(/admin/[^"]+)">', answer.content.decode().partition('id="content-main"')[2])


def test_the_box_stands_on_the_first_page(support_desk: Client) -> None:
    assert f'action="{reverse("admin:find")}"' in support_desk.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("words", ["zora des", "AOZORA", "aozora-studio", "{key}"])
def test_organizations_are_found_by_name_id_former_id_and_space_key(
    support_desk: Client, aozora: Organization, words: str
) -> None:
    aozora.rename(slug="aozora-studio", by=OPERATOR)

    assert found(support_desk, words.format(key=aozora.space_key.lower()))[0] == support_page(aozora)


@pytest.mark.parametrize(
    "words", ["Sato", "mia@", "MIA@AOZORA.EXAMPLE", "private@aozora", "{mia.scim_id}", "mia-1", "MIA-ito"]
)
def test_accounts_are_found_by_name_any_address_and_any_id(
    support_desk: Client, aozora: Organization, mia: Member, words: str
) -> None:
    mia.change_profile({"email": "private@aozora.example"}, by=OPERATOR)
    mia.change_unique_id("mia-ito", by=OPERATOR)

    assert support_page(mia.account) in found(support_desk, words.format(mia=mia))


def test_an_account_leads_to_its_places_and_those_to_what_was_done(
    support_desk: Client, aozora: Organization, mia: Member
) -> None:
    shown = support_desk.get(support_page(mia.account)).content.decode()
    assert support_page(mia) in shown

    events = re.search(
        r'href="(/admin/members/auditevent/\?[^"]+)"', support_desk.get(support_page(mia)).content.decode()
    )
    assert events
    listed = support_desk.get(events[1].replace("&amp;", "&")).content.decode()
    assert "Account created" in listed
    assert "Hakata Labs" not in listed.partition("result_list")[2]


def test_the_invented_people_of_a_sandbox_are_found(support_desk: Client, sandbox: Organization) -> None:
    invented = managed(sandbox, "zoe", user_name="zoe the invented")

    assert found(support_desk, "the invented") == [support_page(invented.account)]


def test_deleted_accounts_are_found(support_desk: Client, mia: Member) -> None:
    mia.change_unique_id("mia-ito", by=OPERATOR)
    mia.remove(by=OPERATOR)

    for words in ("Mia S", "Mia-Ito", "mia@aozora", mia.scim_id, "mia-1"):
        assert support_page(DeletedAccount.objects.get()) in found(support_desk, words)


def test_a_request_is_found_by_its_id_and_a_token_by_its_beginning(support_desk: Client, aozora: Organization) -> None:
    token, secret = scim_token(aozora)
    answer = Idp(aozora, secret=secret).create("yuki")
    call = SyncActivity.objects.get()

    assert found(support_desk, str(answer.headers["x-request-id"])) == [support_page(call)]
    assert found(support_desk, token.prefix) == [support_page(token)]
    founded = support_desk.post(
        reverse("admin:members_organization_add"),
        {
            "name": "Kita Works",
            "slug": "kita",
            "administrator": "yuki@kita.example",
            "language": "ja",
            "time_zone": "UTC",
        },
    )
    assert found(support_desk, founded["X-Request-Id"].upper()) == [
        support_page(one) for one in AuditEvent.objects.filter(request_id=founded["X-Request-Id"]).order_by("-pk")
    ]
    assert "Sign-in address: " in support_desk.get(support_page(call)).content.decode()


def test_somebody_who_was_refused_is_found_in_the_log(support_desk: Client, aozora: Organization) -> None:
    """She has no account; her address stands in what the IdP sent, and in what it searched for."""
    idp = Idp(aozora)
    idp.post(user("bob@wrong.example", displayName="Bob"))
    idp.find('userName eq "bob@wrong.example"')
    nothing = support_desk.get(reverse("admin:find"), {"q": "Bob@wrong.example"}).content.decode()
    [leads_on] = re.findall(r'href="(/admin/provisioning/syncactivity/\?[^"]+)"', nothing)
    rows = support_desk.get(leads_on).context["cl"].result_list

    assert [row.status for row in rows] == [200, 400]


def test_a_member_leads_to_the_requests_about_her(support_desk: Client, mia: Member) -> None:
    shown = support_desk.get(support_page(mia)).content.decode()

    assert f"/admin/provisioning/syncactivity/?q={mia.scim_id}" in shown


def test_mails_are_found_by_the_whole_address_that_they_went_to(support_desk: Client) -> None:
    mail = Outgoing.objects.create(story="token_expires", recipient="gone@aozora.example", last_error="550 unknown")

    assert found(support_desk, "GONE@aozora.example") == [support_page(mail)]
    assert "550 unknown" in support_desk.get(reverse("admin:find"), {"q": "gone@aozora.example"}).content.decode()
    assert found(support_desk, "gone@aozora") == []


@pytest.mark.parametrize("words", ["", "\x00", "no such thing", "%", "x" * 1000])
def test_odd_words_find_nothing(support_desk: Client, aozora: Organization, words: str) -> None:
    assert found(support_desk, words) == []


def test_nobody_else_can_search(client: Client, aiko: Member) -> None:
    assert client.get(reverse("admin:find"), {"q": "aozora"}).status_code == 302
    assert signed_in(client, aiko).get(reverse("admin:find"), {"q": "aozora"}).status_code == 302


def test_an_organizations_page_leads_to_everything_of_it_and_of_nobody_else(
    support_desk: Client, aozora: Organization, mia: Member
) -> None:
    scim_token(aozora)
    shown = support_desk.get(support_page(aozora)).content.decode()
    lists = re.findall(r'href="(/admin/[^"]+organization__id__exact=\d+)"', shown)

    assert len(lists) >= 8
    for address in lists:
        answer = support_desk.get(address)
        assert answer.status_code == 200
        assert "hakata" not in answer.content.decode().partition('id="result_list"')[2].lower()


@pytest.mark.parametrize("more", [False, True])
def test_it_says_where_it_stops(support_desk: Client, aozora: Organization, more: bool) -> None:
    for number in range(MAX_HITS + int(more)):
        managed(aozora, f"twin{number}", display_name="Taro Twin")

    answer = support_desk.get(reverse("admin:find"), {"q": "Taro Twin"}).content.decode()

    assert len(found(support_desk, "Taro Twin")) == MAX_HITS
    assert (f"Only the first {MAX_HITS} are shown." in answer) == more


@pytest.mark.parametrize("words", ["User provisioning", "ユーザープロビジョニング"])
def test_the_audit_list_shows_and_finds_the_operator(support_desk: Client, aozora: Organization, words: str) -> None:
    provisioned(aozora, "yuki")

    page = support_desk.get(reverse("admin:members_auditevent_changelist"), {"q": words}).content.decode()

    rows = re.findall(r'<td class="field-operator">(.*?)</td>', page)
    assert rows == ["User provisioning"]
