"""Teams that the IdP keeps: marked and explained wherever somebody may change them, in both languages."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from members.models import Event, Member, Organization, Team
from tests.cast import OPERATOR, idp_actor
from tests.cast.console import text
from tests.scim import Idp, add, patch_body
from tests.scim.test_groups import created

WARNING = {
    "en": "Changes here will be overwritten by the IdP after the synchronization.",
    "ja": "ここでの変更は、同期後にIdPによって上書きされます。",
}
AGAIN = {
    "en": "The IdP creates the team again at its next synchronization",
    "ja": "先にIdPでグループの割り当てを解除してください。",
}
UNDONE = {
    "en": "The IdP keeps the team “Sales” and may undo this",
    "ja": "チーム「Sales」はIdPが管理しているため、次の同期でこの変更が元に戻されることがあります。",
}
MARK = {"en": "Kept by the IdP", "ja": "IdPが管理"}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_team_of_the_idp_is_marked_and_explained(
    desk: Client, aozora: Organization, aiko: Member, mia: Member, language: str
) -> None:
    aiko.account.language = language
    aiko.account.save()
    own = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    kept = Team.objects.create_team(aozora, "Sales", by=idp_actor(aozora))

    listed = text(desk.get(reverse("teams", args=[aozora.space_key])))
    assert listed.count(MARK[language]) == 1
    for name in ("team", "team-add", "team-rename"):
        pages = {team: text(desk.get(reverse(name, args=[aozora.space_key, team.scim_id]))) for team in (own, kept)}
        assert [WARNING[language] in pages[team] for team in (own, kept)] == [False, True], name
    pages = {
        team: text(desk.get(reverse("team-delete", args=[aozora.space_key, team.scim_id]))) for team in (own, kept)
    }
    assert [AGAIN[language] in pages[team] for team in (own, kept)] == [False, True]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_done_to_who_is_in_it_is_done_and_what_becomes_of_it_is_said(
    desk: Client, aozora: Organization, aiko: Member, mia: Member, language: str
) -> None:
    aiko.account.language = language
    aiko.account.save()
    space = aozora.space_key
    own = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    kept = Team.objects.create_team(aozora, "Sales", by=idp_actor(aozora))
    member = reverse("member", args=[space, mia.scim_id])

    for team, is_kept in ((own, False), (kept, True)):
        for name in ("team-member-add", "team-member-remove"):
            url = reverse(name, args=[space, team.scim_id, mia.scim_id])
            # The team's own pages say it anyhow.
            assert UNDONE[language] not in text(desk.post(url, follow=True))
            page = text(desk.post(url, follow=True, headers={"referer": f"http://testserver{member}"}))
            assert (UNDONE[language] in page) is is_kept, name
        page = text(
            desk.post(reverse("member-team-add", args=[space, mia.scim_id]), {"team": team.scim_id}, follow=True)
        )
        assert (UNDONE[language] in page) is is_kept
        assert team.memberships.count() == 1
    assert text(desk.get(member)).count(MARK[language]) == 1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_the_idp_does_to_a_team_is_told_by_its_name(
    desk: Client, idp: Idp, aiko: Member, mia: Member, language: str
) -> None:
    aiko.account.language = language
    aiko.account.save()
    space, made = idp.organization.space_key, created(idp, "Sales", externalId="ext-7")
    body = patch_body(add("members", [{"value": mia.scim_id}]), add("owner", "x"))
    idp.call("PATCH", f"/Groups/{made['id']}", body)
    idp.create("nao")

    for words in ("sales", "ext-7", made["id"]):
        page = text(desk.get(reverse("activity", args=[space]), {"account": words}))
        assert ("Mia Sato" in page, "owner" in page, "nao@" in page) == (True, True, False), words
        for phrase in {"en": ("Members added", "Team created", "Team"), "ja": ("追加されたメンバー", "チームの作成")}[
            language
        ]:
            assert phrase in page
    log = text(desk.get(reverse("audit-log", args=[space]), {"subject": "Sales"}))
    with translation.override(language):
        assert str(Event.TEAM_CREATED.label) in log
    assert {"en": "User provisioning", "ja": "ユーザープロビジョニング"}[language] in log


def test_support_sees_who_keeps_a_team(client: Client, aozora: Organization, support_desk: Client) -> None:
    Team.objects.create_team(aozora, "Sales", by=idp_actor(aozora))

    page = text(support_desk.get(reverse("admin:members_team_changelist")))

    assert "Sales" in page
