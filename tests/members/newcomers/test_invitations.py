"""Inviting people by mail, and joining by the link that they get."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Event, Invitation, Member, Organization, Role, Team, owning
from members.models.invitation_refusals import (
    InvitationIsOver,
    MayNotInvite,
    NoInvitationsInSandbox,
    TooManyInvitations,
    TooManyMails,
)
from tests.cast import OPERATOR, PASSWORD, managed, nulab, nulab_account, page_actor, signed_in
from tests.cast.console import opened, text, url
from tests.cast.rows import events, refused, rows_of

LONG_AGO = datetime.timedelta(hours=2)
Invite = Callable[..., str]


@pytest.fixture
def invite(mailoutbox: list[Any], aiko: Member, django_capture_on_commit_callbacks: Any) -> Invite:
    """Invites in the administrator's name and returns the link that was mailed."""

    def invite(email: str, role: Role = Role.USER, by: Member = aiko, **more: Any) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            Invitation.objects.invite(by, email, role=role, by=page_actor(by), **more)
        return link_in(mailoutbox[-1])

    return invite


def link_in(mail: Any) -> str:
    [link] = re.findall(r"http://localhost:8000(/invitations/\S+)", mail.body)
    return str(link)


def accept(browser: Client, link: str) -> Any:
    return browser.post(f"{opened(browser, link)}/accept", follow=True)


def page(name: str, organization: Organization, *more: Any) -> str:
    return reverse(name, args=[organization.space_key, *more])


def open_invitation(organization: Organization) -> Invitation:
    found: Invitation = organization.invitations.get()
    return found


def hours_pass(organization: Organization) -> None:
    """As far as invitations and their mails are concerned."""
    organization.invitations.update(mailed_at=timezone.now() - LONG_AGO)
    organization.audit.update(at=timezone.now() - LONG_AGO)


# -- inviting


def test_an_administrator_invites_by_mail_and_sees_it_on_the_list(
    desk: Client, aozora: Organization, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    Team.objects.create_team(aozora, "Design", by=OPERATOR)

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page("invite", aozora), {"email": "Gina@Partner.example", "role": "GUEST", "teams": "design, "})

    assert mailoutbox[0].to == ["Gina@Partner.example"]
    assert mailoutbox[0].subject == "Aiko Tanaka invites you to Aozora Design"
    assert "Gina@Partner.example Open Guest Aiko Tanaka" in text(desk.get(page("invitations", aozora)))
    assert events(aozora)[-1] == Event.INVITATION_SENT
    assert link_in(mailoutbox[0]).split("/")[-1] not in str(rows_of(aozora))


def test_whether_the_address_has_an_account_elsewhere_is_not_to_be_seen(
    desk: Client, aozora: Organization, hakata: Organization, ren: Member
) -> None:
    pages = []
    for address in (ren.account.email, "mia@hakata.example", "nobody@hakata.example"):
        answer = desk.post(page("invite", aozora), {"email": address, "role": "USER"}, follow=True)
        pages.append(text(answer).replace(address, "ADDRESS"))
        open_invitation(aozora).withdraw(by=OPERATOR)

    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "no address"}, "Enter a valid email address"),
        ({"email": ""}, "This field is required"),
        ({"email": "a\x00@b.example"}, "Null characters are not allowed"),
        ({"email": "a@b.example", "role": "OWNER"}, "is not one of the available choices"),
        ({"email": "a@b.example", "teams": "Nobodys"}, "There is no team called “Nobodys”"),
        ({"email": "MIA@aozora.example"}, "Mia Sato is already a member of this organization"),
    ],
)
def test_what_cannot_be_invited_is_refused_in_words(
    desk: Client, aozora: Organization, mia: Member, fields: dict[str, str], sentence: str
) -> None:
    answer = desk.post(page("invite", aozora), {"role": "USER", **fields})

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not aozora.invitations.exists()


def test_a_neighbours_team_is_no_team_here(desk: Client, aozora: Organization, hakata: Organization) -> None:
    Team.objects.create_team(hakata, "Secret", by=OPERATOR)

    assert "There is no team called “Secret”" in text(
        desk.post(page("invite", aozora), {"email": "a@b.example", "role": "USER", "teams": "Secret"})
    )


def test_a_member_with_the_privilege_invites_members_and_guests_and_sees_only_their_own(
    aozora: Organization, aiko: Member, mia: Member, invite: Invite
) -> None:
    mia.change_privileges(can_invite=True, by=OPERATOR)
    invite("gina@partner.example")
    browser = signed_in(Client(), mia)

    assert browser.post(page("invite", aozora), {"email": "b@b.example", "role": "GUEST"}).status_code == 302
    assert browser.post(page("invite", aozora), {"email": "c@c.example", "role": "ADMIN"}).status_code == 422
    listed = text(browser.get(page("invitations", aozora)))
    assert ("b@b.example" in listed, "gina@partner.example" in listed) == (True, False)
    theirs = aozora.invitations.get(email="gina@partner.example")
    assert browser.post(page("invitation-withdraw", aozora, theirs.pk)).status_code == 404
    with refused(MayNotInvite):
        Invitation.objects.invite(mia, "d@d.example", role=Role.ADMIN, by=page_actor(mia))


def test_others_and_neighbours_do_not_invite(aozora: Organization, mia: Member, ren: Member, invite: Invite) -> None:
    invite("gina@partner.example")
    number = open_invitation(aozora).pk
    for member, status in ((mia, 403), (ren, 404)):
        browser = signed_in(Client(), member)
        assert browser.get(page("invitations", aozora)).status_code == status
        assert browser.post(page("invite", aozora), {"email": "b@b.example", "role": "USER"}).status_code == status
        assert browser.post(page("invitation-withdraw", aozora, number)).status_code == status
    elsewhere = page("invitation-withdraw", ren.organization, number)
    assert signed_in(Client(), ren).post(elsewhere).status_code == 404
    assert aozora.invitations.count() == 1


def test_a_sandbox_invites_nobody(client: Client, sandbox: Organization, sam: Member) -> None:
    answer = signed_in(client, sam).get(page("invite", sandbox))

    assert "A sandbox sends no mail" in text(answer)
    with refused(NoInvitationsInSandbox):
        Invitation.objects.invite(sam, "a@b.example", role=Role.ADMIN, by=OPERATOR)


# -- limits


def test_nobody_is_invited_twice_nor_mailed_twice_within_a_minute(
    desk: Client, aozora: Organization, invite: Invite
) -> None:
    invite("gina@partner.example")

    again = desk.post(page("invite", aozora), {"email": "GINA@partner.example", "role": "USER"})
    assert "is already invited" in text(again)
    number = open_invitation(aozora).pk
    soon = desk.post(page("invitation-resend", aozora, number), follow=True)
    assert "less than a minute ago" in text(soon)


def test_an_hour_has_twenty_mails_withdrawn_ones_included(aozora: Organization, aiko: Member) -> None:
    for number in range(20):
        made = Invitation.objects.invite(aiko, f"p{number}@partner.example", role=Role.USER, by=OPERATOR)
        made.withdraw(by=OPERATOR)

    with refused(TooManyMails, "20"):
        Invitation.objects.invite(aiko, "more@partner.example", role=Role.USER, by=OPERATOR)
    hours_pass(aozora)
    Invitation.objects.invite(aiko, "more@partner.example", role=Role.USER, by=OPERATOR)


def test_a_hundred_are_open_at_most(aozora: Organization, aiko: Member) -> None:
    for number in range(100):
        if number % 20 == 0:
            hours_pass(aozora)
        Invitation.objects.invite(aiko, f"p{number}@partner.example", role=Role.USER, by=OPERATOR)
    hours_pass(aozora)

    with refused(TooManyInvitations, "100"):
        Invitation.objects.invite(aiko, "more@partner.example", role=Role.USER, by=OPERATOR)


# -- joining


def test_somebody_without_an_account_joins_with_a_name_and_a_password(
    client: Client, aozora: Organization, aiko: Member, invite: Invite
) -> None:
    design = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    link = invite("gina@partner.example", role=Role.GUEST, teams=[design])
    assert "Join Aozora Design" in text(client.get(link, follow=True))

    client.post(f"{opened(client, link)}/join", {"name": "Gina Bianchi", "password": PASSWORD})

    gina = aozora.members.get(account__email="gina@partner.example")
    assert (gina.role, gina.account.name, gina.account.type) == (Role.GUEST, "Gina Bianchi", Account.Type.NULAB)
    assert gina.team_memberships.get().team == design
    assert gina.account.check_password(PASSWORD)
    assert "Gina Bianchi" in text(client.get(reverse("profile")))
    joined = [Event.MEMBER_ADDED, Event.TEAM_MEMBER_ADDED, Event.INVITATION_ACCEPTED, Event.SIGNED_IN]
    assert events(aozora)[-4:] == joined
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("name", ["\u2800", "Gi\x07na"])
def test_a_name_that_shows_nothing_is_asked_for_again(
    client: Client, aozora: Organization, invite: Invite, name: str
) -> None:
    link = invite("gina@partner.example")

    answer = client.post(f"{opened(client, link)}/join", {"name": name, "password": PASSWORD})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
    assert aozora.invitations.count() == 1


@pytest.mark.parametrize("password", ["", "short", "password1234", "gina@partner.example"])
def test_a_weak_password_is_refused_and_the_invitation_stays(
    client: Client, aozora: Organization, invite: Invite, password: str
) -> None:
    link = invite("gina@partner.example")

    answer = client.post(f"{opened(client, link)}/join", {"name": "Gina", "password": password})

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert aozora.invitations.count() == 1
    assert Account.objects.with_address("gina@partner.example") is None


def test_somebody_with_an_account_accepts_by_signing_in(
    client: Client, aozora: Organization, invite: Invite, ren: Member, mia: Member
) -> None:
    link = invite(ren.account.email, role=Role.ADMIN)
    assert "Sign in to accept" in text(client.get(link, follow=True))
    # Neither a form without a password nor somebody else's session is a way in.
    assert client.post(f"{opened(client, link)}/join", {"name": "Not Ren", "password": PASSWORD}).status_code == 200
    assert client.post(f"{opened(client, link)}/accept").status_code == 200
    other = signed_in(Client(), mia)
    assert "but the invitation is for ren.kobayashi@hakata.example" in text(other.post(f"{opened(other, link)}/accept"))
    assert not aozora.members.filter(account=ren.account).exists()

    accept(signed_in(client, ren), link)

    assert aozora.members.get(account=ren.account).role == Role.ADMIN
    assert ren.account.check_password(PASSWORD)


def test_an_account_managed_elsewhere_becomes_at_most_member(
    client: Client, aozora: Organization, hakata: Organization, invite: Invite
) -> None:
    theirs = hakata.members.select_related("account").get(account__user_name="mia@hakata.example")
    link = invite("mia@hakata.example", role=Role.ADMIN)
    signed_in(client, theirs)

    assert "Your role will be: Member." in str(mail.outbox[-1].body)
    assert "Role: Member." in text(client.get(opened(client, link)))
    accept(client, link)

    assert aozora.members.get(account=theirs.account).role == Role.USER


def test_a_withdrawn_an_expired_and_a_replaced_link_are_over(
    desk: Client, aozora: Organization, invite: Invite, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    first = invite("gina@partner.example")
    hours_pass(aozora)
    number = open_invitation(aozora).pk
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page("invitation-resend", aozora, number))
    second = link_in(mailoutbox[-1])
    reader = Client()
    waiting = opened(reader, second)
    assert (Client().get(first).status_code, reader.get(waiting).status_code) == (404, 200)

    aozora.invitations.update(expires_at=timezone.now() - LONG_AGO)
    assert Client().get(second).status_code == 404
    assert "Expired" in text(desk.get(page("invitations", aozora)))
    withdrawn = desk.post(page("invitation-withdraw", aozora, number), follow=True)
    assert "The invitation of gina@partner.example is withdrawn." in text(withdrawn)

    joined = reader.post(f"{waiting}/join", {"name": "Gina", "password": PASSWORD})
    assert joined.status_code == 404
    assert "This invitation is no longer valid" in text(joined)
    assert desk.post(f"{waiting}/accept").status_code == 404
    assert events(aozora)[-2:] == [Event.INVITATION_RESENT, Event.INVITATION_WITHDRAWN]


def test_an_invitation_that_ran_out_can_be_made_anew(aozora: Organization, invite: Invite) -> None:
    invite("gina@partner.example", role=Role.ADMIN)
    aozora.invitations.update(expires_at=timezone.now() - LONG_AGO)

    invite("gina@partner.example", role=Role.GUEST)

    assert open_invitation(aozora).role == Role.GUEST


def test_whoever_was_added_meanwhile_is_told_so(client: Client, aozora: Organization, invite: Invite) -> None:
    link = invite("gina@partner.example")
    gina = nulab(aozora, "gina", email="gina@partner.example")

    answer = accept(signed_in(client, gina), link)

    assert "is already a member of this organization" in text(answer)


def test_one_invitation_is_accepted_once(aozora: Organization, invite: Invite) -> None:
    invite("gina@partner.example")
    account = nulab_account("gina@partner.example")
    first, second = open_invitation(aozora), open_invitation(aozora)
    first.accept(account, by=OPERATOR)

    with refused(InvitationIsOver):
        second.accept(account, by=OPERATOR)


def test_nobody_accepts_with_another_account(aozora: Organization, invite: Invite) -> None:
    invite("gina@partner.example")
    other = nulab_account("else@partner.example")

    with refused(InvitationIsOver):
        open_invitation(aozora).accept(other, by=OPERATOR)


def test_an_invitation_does_not_hinder_a_managed_account(aozora: Organization, invite: Invite) -> None:
    link = invite("yuki@aozora.example")

    yuki = managed(aozora, "yuki")

    answer = accept(signed_in(Client(), yuki), link)
    assert "is already a member of this organization" in text(answer)


# -- an inviter who may invite no longer


@pytest.fixture
def emi(aozora: Organization) -> Member:
    """Another administrator, whose leaving leaves one."""
    return nulab(aozora, "emi", role=Role.ADMIN)


def leaves(member: Member) -> None:
    member.remove(by=OPERATOR)


def becomes_member(member: Member) -> None:
    member.change_role(Role.USER, by=OPERATOR)


def deletes_the_account(member: Member) -> None:
    owning.delete(member.account, by=page_actor(member))


def is_put_out(member: Member) -> None:
    member.convert_to_managed(by=OPERATOR)
    member.deactivate(by=OPERATOR)


@pytest.mark.parametrize("end", [leaves, becomes_member, deletes_the_account, is_put_out])
def test_an_invitation_ends_with_its_inviters_right(
    client: Client, aozora: Organization, hakata: Organization, invite: Invite, emi: Member, end: Any
) -> None:
    link = invite("gina@partner.example", role=Role.ADMIN, by=emi)
    kept = invite("hugo@partner.example", role=Role.ADMIN)
    waiting = opened(client, link)
    before = rows_of(hakata)

    end(emi)

    answer = client.post(f"{waiting}/join", {"name": "Gina", "password": PASSWORD})
    assert answer.status_code == 404
    assert "the person who sent it can no longer invite" in text(answer)
    assert Account.objects.with_address("gina@partner.example") is None
    assert [row.email for row in aozora.invitations.all()] == ["hugo@partner.example"]
    assert client.get(kept).status_code == 302
    row = aozora.audit.filter(event=Event.INVITATION_WITHDRAWN).get()
    assert (row.subject, row.changes) == ("gina@partner.example", {"inviter": ["Emi Ueda", ""]})
    assert rows_of(hakata) == before


def test_the_privilege_goes_on_backing_what_it_may_invite_to(
    client: Client, aozora: Organization, invite: Invite, emi: Member
) -> None:
    emi.change_privileges(can_invite=True, by=OPERATOR)
    administrator, guest = (
        invite("gina@partner.example", role=Role.ADMIN, by=emi), invite("hugo@partner.example", role=Role.GUEST, by=emi)
    )  # fmt: skip

    becomes_member(emi)

    assert [client.get(link).status_code for link in (administrator, guest)] == [404, 302]
    emi.change_privileges(can_invite=False, by=OPERATOR)
    assert client.get(guest).status_code == 404


def test_a_role_lost_behind_the_verbs_backs_nothing_either(
    desk: Client, client: Client, aozora: Organization, invite: Invite, emi: Member
) -> None:
    link = invite("gina@partner.example", role=Role.ADMIN, by=emi)
    page_of_link, gina = opened(client, link), nulab_account("gina@partner.example")
    Member.objects.filter(pk=emi.pk).update(role=Role.USER)

    assert client.get(page_of_link).status_code == 404
    with refused(InvitationIsOver):
        open_invitation(aozora).accept(gina, by=OPERATOR)
    hours_pass(aozora)
    assert "Inviter can no longer invite" in text(desk.get(page("invitations", aozora)))
    again = desk.post(page("invitation-resend", aozora, open_invitation(aozora).pk), follow=True)
    assert "Emi Ueda can no longer invite people with this role" in text(again)


def test_whoever_puts_an_inviter_out_is_told_what_ends(desk: Client, invite: Invite, emi: Member) -> None:
    invite("gina@partner.example", by=emi)
    asked = text(desk.get(url("member-delete", emi)))

    assert "1 open invitation that Emi Ueda has sent is withdrawn." in asked
