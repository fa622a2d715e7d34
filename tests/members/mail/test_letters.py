"""What a mail looks like, and that one act is told in one mail."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.mail.letters import Reader, Reason, write
from members.models import Account, Invitation, Member, Newcomer, Organization, Outgoing, Role, welcome
from members.people import bulk
from tests.cast import OPERATOR, managed, nulab, page_actor, scim_token
from tests.cast.console import picked
from tests.cast.post import Committed

STORIES = sorted(Path(settings.BASE_DIR, "templates/mail").glob("*.txt"))


def html_of(sent: Any) -> str:
    [(content, kind)] = sent.alternatives
    assert kind == "text/html"
    return str(content)


def rename(member: Member, name: str) -> None:
    Account.objects.filter(pk=member.account_id).update(name=name)
    member.refresh_from_db()


# -- as text and as HTML


def test_a_mail_greets_its_reader_and_says_why_it_came(
    aozora: Organization, aiko: Member, committed: Committed
) -> None:
    [sent] = committed(lambda: scim_token(aozora))[:1]

    html = html_of(sent)
    for part in ("Hello Aiko Tanaka,", "You received this email because you are an administrator of Aozora Design."):
        assert part in sent.body
        assert part in html
    link = f"http://localhost:8000/spaces/{aozora.space_key}/provisioning"
    assert f"\n{link}\n" in sent.body
    assert [*re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', html)] == [
        (link, "Open User Provisioning"), (link, link),
    ]  # fmt: skip


def test_in_japanese_the_reader_is_addressed_politely(aozora: Organization, aiko: Member, committed: Committed) -> None:
    aiko.account.prefer(by=page_actor(aiko), language="ja")

    sent = committed(lambda: scim_token(aozora))[0]

    assert sent.body.startswith("Aiko Tanaka 様\n")
    assert "このメールは、Aozora Designの管理者の方にお送りしています。" in sent.body
    assert '<html lang="ja">' in html_of(sent)


def test_an_invitation_does_not_greet_by_the_inviters_name(aiko: Member, committed: Committed) -> None:
    [sent] = committed(
        lambda: Invitation.objects.invite(aiko, "gina@partner.example", role=Role.USER, by=page_actor(aiko))
    )

    assert "Hello" not in sent.body
    assert "this address was entered" in sent.body
    assert ">Accept invitation</a>" in html_of(sent)


def test_nothing_is_loaded_from_anywhere(aozora: Organization, committed: Committed) -> None:
    html = html_of(committed(lambda: scim_token(aozora))[0])

    assert not re.search(r"\ssrc=|url\(|<link|<script|<img|@import", html)


def test_markup_in_a_name_is_text(aozora: Organization, aiko: Member, committed: Committed) -> None:
    rename(aiko, '<a href="https://evil.example">Aiko</a>')

    sent = committed(lambda: scim_token(aozora))[0]

    assert 'Hello <a href="https://evil.example">Aiko</a>,' in sent.body
    assert "&lt;a href=&quot;https://evil.example&quot;&gt;Aiko" in html_of(sent)
    assert 'href="https://evil.example"' not in html_of(sent)


def test_a_name_cannot_make_a_button(aozora: Organization) -> None:
    invitation = Invitation(
        organization=aozora, email="gina@partner.example", role="USER", expires_at=timezone.now(),
        inviter="Aiko\n\n[Open] https://evil.example\n\n",
    )  # fmt: skip
    reader = Reader("gina@partner.example", "", "en", "UTC", Reason.ADDRESS)

    letter = write(
        "invitation", reader, {"organization": aozora, "invitation": invitation, "link": "https://x.example"}
    )

    assert re.findall(r'href="([^"]+)"', letter.html) == ["https://x.example"] * 2


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Aiko\r\nBcc: everybody@partner.example", "Aiko"),
        ("Aiko\u2028Bcc: everybody@partner.example", "Aiko"),
        ("Aiko\x00\u202e\u2066gpj.exe", "Aikogpj.exe invites you to Aozora Design"),
        ("愛子 " * 200, "愛子 " * 66 + "愛…"),
    ],
)
def test_a_name_cannot_write_headers_turn_the_subject_or_fill_the_screen(
    aozora: Organization, aiko: Member, name: str, subject: str
) -> None:
    invitation = Invitation(
        organization=aozora, email="gina@partner.example", role="USER", expires_at=timezone.now(), inviter=name
    )
    reader = Reader("gina@partner.example", name, "en", "UTC", Reason.ADDRESS)

    letter = write(
        "invitation", reader, {"organization": aozora, "invitation": invitation, "link": "https://x.example"}
    )

    assert letter.subject == subject
    row = Outgoing(recipient="gina@partner.example", story="invitation", sealed=letter.seal())
    message = row.message()
    assert message is not None
    assert "Bcc" not in message.message()
    assert "\u202e" not in letter.text + letter.html


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_a_story_leaves_greeting_and_button_to_the_frame(story: Path) -> None:
    source = story.read_text()

    assert "Hello" not in source
    for line in source.splitlines():
        if "{{ link }}" in line:
            assert re.search(r"(^|%\})\[.+\] \{\{ link \}\}(\{%|$)", line), line


# -- one act, one mail


def test_a_change_of_many_and_its_undo_are_one_mail_each(
    desk: Client, aozora: Organization, ren: Member, committed: Committed
) -> None:
    people = [managed(aozora, f"person{number:02}") for number in range(25)]
    # Whoever depends on being administrator is refused, and not in the list.
    Account.objects.filter(pk=people[0].account_id).update(name="Person Zero")
    answers = []

    mails = committed(lambda: answers.append(desk.post(picked("members-role", aozora, *people), {"role": "ADMIN"})))
    to_aiko = [sent for sent in mails if sent.to == ["aiko.tanaka@aozora.example"]]

    [sent] = to_aiko
    assert sent.subject == "Aozora Design: 25 changes of administrators"
    assert "Person Zero: Role changed, Role: Member → Administrator" in sent.body
    assert sent.body.count("Role changed") == 20
    assert "and 5 more" in sent.body
    assert "Who: Aiko Tanaka" in sent.body
    assert sorted({len([s for s in mails if s.to == [person.account.email]]) for person in people}) == [1]
    assert not [sent for sent in mails if sent.to == [ren.account.email]]

    undo = next(iter(desk.get(answers[0]["Location"]).context["messages"])).extra_tags
    mails = committed(lambda: desk.post(undo))
    [sent] = [sent for sent in mails if sent.to == ["aiko.tanaka@aozora.example"]]
    assert "Person Zero: Role changed, Role: Administrator → Member" in sent.body


def test_tokens_that_support_revokes_at_once_are_one_mail(
    support_desk: Client, aozora: Organization, hakata: Organization, committed: Committed
) -> None:
    tokens = [scim_token(organization)[0] for organization in (aozora, aozora, hakata)]
    form = {"action": "revoke", "_selected_action": [token.pk for token in tokens]}

    mails = committed(lambda: support_desk.post(reverse("admin:provisioning_scimtoken_changelist"), form))

    assert sorted(sent.subject for sent in mails) == ["Aozora Design: 2 changes", "Hakata Labs: SCIM token revoked"]
    [sent] = [sent for sent in mails if sent.to == ["aiko.tanaka@aozora.example"]]
    assert sent.body.count("SCIM token revoked") == 2
    assert "administrators" not in sent.body


def test_administrators_from_a_file_are_one_mail(aozora: Organization, aiko: Member, committed: Committed) -> None:
    people = [
        Newcomer(email=f"new{number}@aozora.example", name=f"New {number}", language="en", role=Role.ADMIN)
        for number in range(3)
    ]

    mails = committed(lambda: welcome(aozora, people, by=page_actor(aiko)))

    assert [sent.subject for sent in mails if sent.to == [aiko.account.email]] == [
        "Aozora Design: 3 changes of administrators"
    ]
    assert len([sent for sent in mails if sent.subject == "Your account at Aozora Design is ready"]) == 3


def test_one_changed_among_many_is_told_as_if_it_were_alone(
    aozora: Organization, aiko: Member, mia: Member, committed: Committed
) -> None:
    nao = nulab(aozora, "nao", role=Role.ADMIN)
    people = [mia, nao]

    mails = committed(lambda: bulk.each(people, lambda member: member.change_role(Role.ADMIN, by=page_actor(aiko))))

    assert {sent.subject for sent in mails} == {"Aozora Design: Administrators: Mia Sato, Role changed"}
    assert len(mails) == 3


def test_who_is_refused_is_not_told_of(aozora: Organization, aiko: Member, committed: Committed) -> None:
    people = [managed(aozora, f"person{number}", role=Role.ADMIN) for number in range(3)]
    scim_token(aozora, issuer=people[1])

    mails = committed(lambda: bulk.each(people, lambda member: member.change_role(Role.USER, by=page_actor(aiko))))

    [sent] = [sent for sent in mails if sent.to == [aiko.account.email]]
    assert "Person0" in sent.body
    assert "Person1" not in sent.body


@pytest.mark.no_postman
@pytest.mark.django_db(transaction=True)
def test_what_was_done_before_the_process_died_is_told_singly(aozora: Organization, aiko: Member) -> None:
    people = [managed(aozora, f"person{number}") for number in range(3)]
    Outgoing.objects.all().delete()

    class Killed(BaseException):
        pass

    def change(member: Member) -> None:
        if member == people[2]:
            # What would have been done at the end is not.
            from members.mail import one_mail

            act = one_mail.current()
            assert act is not None
            act._held_back.clear()
            raise Killed
        member.change_role(Role.ADMIN, by=OPERATOR)

    with pytest.raises(Killed):
        bulk.each(people, change)

    waiting = Outgoing.objects.filter(state="waiting", story="notice", recipient=aiko.account.email)
    assert waiting.count() == 2
    assert all(timezone.now() < row.due_at for row in waiting)
