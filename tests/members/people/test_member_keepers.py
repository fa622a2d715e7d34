"""Who keeps an account and each of its fields, as the member page tells it; and the member's teams."""

import re
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from members.models import Account, Event, Member, Organization, Role, Team
from members.people import forms
from tests.cast import OPERATOR, idp_actor, managed, nulab, page_actor, provisioned
from tests.cast.console import text, url
from tests.cast.rows import events, fresh, unchanged
from tests.scim import NULAB, Idp, add, replace, user

NOTE = "Changed here on {day} ; the IdP will overwrite it when it next sends this field."


def note() -> str:
    return NOTE.format(day=date_format(timezone.localdate(), "DATE_FORMAT"))


def test_a_field_changed_here_says_so_until_the_idp_sends_it_again(
    desk: Client, aozora: Organization, aiko: Member, kenji: Member
) -> None:
    assert "Changed here on" not in text(desk.get(url("member", kenji)))

    kenji.change_profile({"display_name": "Ken", "language": "ja"}, by=page_actor(aiko))
    page = text(desk.get(url("member", kenji)))
    assert page.count(note()) == 2
    assert f"Ken {note()}" in page
    assert f"Japanese {note()}" in page

    kenji.change_profile({"display_name": "Kenji M."}, by=idp_actor(aozora))
    page = text(desk.get(url("member", kenji)))
    assert page.count(note()) == 1
    assert f"Japanese {note()}" in page


def locked(desk: Client, member: Member, name: str = "member") -> list[str]:
    """The labels with a lock."""
    page = desk.get(url(name, member)).content.decode()
    return re.findall(r"(?:<dt>|form-label\">)\s*([A-Z][\w -]*?)\s*(?:<span class=\"label-note\">)?\s*<svg", page)


def test_a_field_is_kept_by_the_idp_once_it_has_sent_it(
    desk: Client, idp: Idp, next_door: Idp, aozora: Organization
) -> None:
    nao = idp.member(idp.create("nao"))
    next_door.create("yui", preferredLanguage="ja", roles=[{"value": "USER"}], displayName="Yui", timezone="Asia/Tokyo")
    assert locked(desk, nao) == ["Sign-in address", "Email"]

    idp.patch(
        nao.scim_id, replace("preferredLanguage", None), replace("nickName", ""), add(f"{NULAB}:uniqueId", "nao.7")
    )
    idp.patch(nao.scim_id, {"op": "replace", "value": {"name.givenName": "Nao", "roles": []}})
    assert idp.patch(nao.scim_id, replace("timezone", "Asia/Tokyo"), replace("roles", "KING")).status == 400
    assert locked(desk, nao) == ["Name", "Sign-in address", "Email", "Unique ID"]

    idp.put(nao.scim_id, user("nao@aozora.example", roles=[{"value": "USER"}], locale="ja-JP", timezone="Asia/Tokyo"))
    everything = ["Name", "Sign-in address", "Email", "Language", "Unique ID", "Role", "Time zone"]
    assert locked(desk, nao) == everything
    assert set(locked(desk, nao, "member-edit")) == set(everything)
    assert locked(desk, managed(aozora, "mia")) == []


def test_only_fields_that_the_idp_keeps_are_marked(
    desk: Client, aozora: Organization, aiko: Member, mia: Member, kenji: Member
) -> None:
    mia.change_profile({"display_name": "Mia S."}, by=page_actor(aiko))
    kenji.change_profile({"time_zone": "Asia/Tokyo"}, by=page_actor(aiko))

    assert "Changed here on" not in text(desk.get(url("member", mia)))
    assert "Changed here on" not in text(desk.get(url("member", kenji)))


def test_the_last_sync_and_the_history_lead_to_everything_about_the_member(
    desk: Client, aozora: Organization, mia: Member, kenji: Member
) -> None:
    activity, log = (reverse(name, args=[aozora.space_key]) for name in ("activity", "audit-log"))

    page = desk.get(url("member", kenji)).content.decode()

    assert f'href="{activity}?{urlencode({"account": kenji.scim_id})}"' in page
    assert f'href="{log}?subject={kenji.scim_id}"' in page
    assert "Show sync activity" not in text(desk.get(url("member", mia)))


def test_a_managed_account_is_given_to_its_owner_from_its_page(desk: Client, mia: Member) -> None:
    assert url("member-to-nulab", mia) in desk.get(url("member", mia)).content.decode()
    question = text(desk.get(url("member-to-nulab", mia)))
    assert "gets an email with a link to set a password" in question
    assert "The externalId is cleared" in question

    answer = desk.post(url("member-to-nulab", mia))

    assert answer["Location"] == url("member", mia)
    after = fresh(mia)
    assert (after.account.type, after.external_id, after.has_pass) == (Account.Type.NULAB, None, False)


def test_a_nulab_account_is_taken_over_from_its_page(desk: Client, aozora: Organization) -> None:
    yuki = nulab(aozora, "yuki")
    assert url("member-to-managed", yuki) in desk.get(url("member", yuki)).content.decode()
    assert "The password stops working" in text(desk.get(url("member-to-managed", yuki)))

    desk.post(url("member-to-managed", yuki))

    assert fresh(yuki).account.type == Account.Type.MANAGED


def test_a_refused_change_of_the_type_says_why_with_a_link(
    desk: Client, aozora: Organization, hakata: Organization, aiko: Member
) -> None:
    gina = nulab(aozora, "gina", email="gina@partner.example")
    guest = Member.objects.add(aozora, managed(hakata, "emi").account, role=Role.GUEST, by=OPERATOR)
    inactive = provisioned(aozora, "nao", is_active=False)

    with unchanged():
        outside = desk.post(url("member-to-managed", gina))
        elsewhere = desk.post(url("member-to-managed", guest))
        asleep = desk.post(url("member-to-nulab", inactive))

    assert "“partner.example” is not verified" in text(outside)
    assert reverse("domains", args=[aozora.space_key]) in outside.content.decode()
    assert "managed by another organization" in text(elsewhere)
    assert "Only an active account can become a Nulab Account" in text(asleep)
    assert url("member-to-managed", guest) not in desk.get(url("member", guest)).content.decode()
    assert url("member-to-nulab", inactive) not in desk.get(url("member", inactive)).content.decode()


def test_an_account_from_before_provisioning_is_updated_from_its_page(
    desk: Client, aozora: Organization, mia: Member
) -> None:
    assert url("member-update", mia) not in desk.get(url("member", mia)).content.decode()
    Account.objects.filter(pk=mia.account_id).update(created_at="2020-05-01T00:00:00Z")
    assert url("member-update", mia) in desk.get(url("member", mia)).content.decode()

    desk.post(url("member-update", mia))

    assert fresh(mia).account.is_up_to_date
    assert events(aozora)[-1] == Event.ACCOUNT_UPDATED


def test_a_member_is_put_into_teams_and_taken_out_on_the_members_page(
    desk: Client, aozora: Organization, hakata: Organization, mia: Member
) -> None:
    design = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    theirs = Team.objects.create_team(hakata, "Sales", by=OPERATOR)
    page = text(desk.get(url("member", mia)))
    assert "Design" in page
    assert "Sales" not in page

    desk.post(url("member-team-add", mia), {"team": theirs.scim_id})
    desk.post(url("member-team-add", mia), {"team": "\0"})
    assert not mia.team_memberships.exists()
    desk.post(url("member-team-add", mia), {"team": design.scim_id})
    assert design.memberships.filter(member=mia).exists()

    remove = reverse("team-member-remove", args=[aozora.space_key, design.scim_id, mia.scim_id])
    assert f'action="{remove}"' in desk.get(url("member", mia)).content.decode()
    desk.post(remove)
    assert not mia.team_memberships.exists()


def test_of_many_teams_the_name_is_written(
    desk: Client, aozora: Organization, hakata: Organization, mia: Member, monkeypatch: Any
) -> None:
    monkeypatch.setattr(forms, "MAX_LISTED", 1)
    for organization, names in ((aozora, ("Design", "Ｓａｌｅｓ")), (hakata, ("Legal",))):
        for name in names:
            Team.objects.create_team(organization, name, by=OPERATOR)
    page = desk.get(url("member", mia)).content.decode()
    assert 'name="team"' in page
    assert "Ｓａｌｅｓ" not in page

    for nobody in ("", "\0", "Legal", "Des"):
        desk.post(url("member-team-add", mia), {"team": nobody})
    assert not mia.team_memberships.exists()
    desk.post(url("member-team-add", mia), {"team": " SALES"})
    assert mia.team_memberships.get().team.name == "Ｓａｌｅｓ"
