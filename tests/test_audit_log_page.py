"""Organization Settings › Audit log: who did what, when, from where, with before and after."""

from django.test import Client
from django.urls import reverse

from members.models import Event, Member, Organization, audit
from members.refusals import LastAdministrator
from tests.cast import OPERATOR, page_actor
from tests.console import text


def test_what_was_refused_is_told_in_the_readers_language(desk: Client, aozora: Organization, aiko: Member) -> None:
    refusal = LastAdministrator(member="Mia Sato")
    audit.record(Event.SAML_TESTED, aozora, by=OPERATOR, changes={"refusal": [refusal.code, refusal.figures]})

    page = reverse("start", args=[aozora.space_key])
    english = text(desk.get(page))
    aiko.account.prefer(by=page_actor(aiko), language="ja")
    japanese = text(desk.get(page))

    assert "Mia Sato is the last active administrator of this organization." in english
    assert "Mia Satoさんはこの組織の最後のアクティブな管理者です。" in japanese
    assert refusal.code not in english + japanese
