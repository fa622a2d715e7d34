"""A certificate belongs to the IdP that it came with: whose key signs whom in, and until when."""

import datetime
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Member, Organization
from saml.events import SamlEvent
from saml.models import SamlSettings
from saml.models.settings_refusals import CertificateAdded, OtherIdpMeanwhile, SamlIncomplete, TooManyCertificates
from tests.cast import OPERATOR
from tests.cast.console import support_page
from tests.cast.rows import events, refused
from tests.cast.saml_chains import bare
from tests.cast.saml_messages import KeyPair, Message, encode, key_pair, signed
from tests.cast.sso import callback, is_in, request_id, saml
from tests.saml.test_metadata import idp, upload

__all__ = ["saml"]
NEW = {"entity_id": "https://idp.new.example/", "sso_url": "https://idp.new.example/sso"}


@pytest.fixture
def draft(saml: SamlSettings) -> SamlSettings:
    """Another IdP proposed, which signs with the key “new”; the live one's is “idp”."""
    saml.propose(**NEW, by=OPERATOR)
    saml.add_certificate(key_pair("new").certificate, by=OPERATOR)
    return saml


def pair(name: str) -> KeyPair:
    """“idp” is the one that the live settings trust."""
    return key_pair() if name == "idp" else key_pair(name)


def page(name: str, saml: SamlSettings, *more: object) -> str:
    return reverse(name, args=[saml.organization.space_key, *more])


def test_so_many_are_trusted_of_an_idp_and_no_more(saml: SamlSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    most = saml.certificates.count() + 1
    monkeypatch.setattr("saml.models.settings_certificates.MAX_CERTIFICATES", most)
    saml.add_certificate(key_pair("next").certificate, by=OPERATOR)
    with refused(CertificateAdded):
        saml.add_certificate(key_pair("next").certificate, by=OPERATOR)
    with refused(TooManyCertificates, f"{most} certificates"):
        saml.add_certificate(key_pair("new").certificate, by=OPERATOR)


def signs_in(saml: SamlSettings, member: Member, key: str, **parts: Any) -> bool:
    """A response signed with this key, in a browser of its own."""
    client, message = Client(), Message.for_sp(fresh(saml), member.account.email, **parts)
    client.post(callback(saml), {"SAMLResponse": encode(signed(message.xml(), "Assertion", by=pair(key)))})
    return is_in(client, member)


def passes_test(desk: Client, saml: SamlSettings, member: Member, key: str) -> bool:
    sent = request_id(desk.post(page("saml-test", saml)))
    issuer = fresh(saml).proposed[0]
    message = Message.for_sp(saml, member.account.email, in_response_to=sent, issuer=issuer)
    answer = {"SAMLResponse": encode(signed(message.xml(), "Assertion", by=pair(key)))}
    return "Passed" in desk.post(callback(saml), answer, follow=True).content.decode()


def fresh(saml: SamlSettings) -> SamlSettings:
    return SamlSettings.objects.select_related("organization").get(pk=saml.pk)


def subjects(saml: SamlSettings, entity_id: str) -> set[str]:
    return {one.subject for one in fresh(saml).certificates_of(entity_id)}


def test_a_drafts_certificate_signs_nobody_in_at_the_live_idp(draft: SamlSettings, mia: Member) -> None:
    assert not signs_in(draft, mia, "new")
    assert not signs_in(draft, mia, "new", issuer=NEW["entity_id"])
    assert signs_in(draft, mia, "idp")


def test_the_live_idps_certificate_does_not_pass_the_drafts_test(
    desk: Client, draft: SamlSettings, mia: Member
) -> None:
    assert not passes_test(desk, draft, mia, "idp")
    assert fresh(draft).has_draft


def test_a_passed_test_brings_the_drafts_certificates_into_force_and_ends_the_former_idps(
    desk: Client, draft: SamlSettings, mia: Member
) -> None:
    assert passes_test(desk, draft, mia, "new")

    assert subjects(draft, NEW["entity_id"]) == {"CN=new.test"}
    assert fresh(draft).certificates.count() == 1
    assert signs_in(draft, mia, "new")
    assert not signs_in(draft, mia, "idp")
    assert events(draft.organization).count(SamlEvent.CERTIFICATE_REMOVED) == 2


def test_another_endpoint_of_the_same_idp_keeps_its_certificates(desk: Client, saml: SamlSettings, mia: Member) -> None:
    before = saml.certificates.count()
    saml.propose(entity_id=saml.idp_entity_id, sso_url="https://idp.aozora.example/other", by=OPERATOR)

    assert signs_in(saml, mia, "idp")
    assert passes_test(desk, saml, mia, "idp")
    assert fresh(saml).idp_sso_url == "https://idp.aozora.example/other"
    assert saml.certificates.count() == before
    assert signs_in(saml, mia, "idp")


def test_a_draft_takes_its_certificates_with_it(desk: Client, draft: SamlSettings, mia: Member) -> None:
    asked = desk.get(page("saml-discard", draft)).content.decode()
    desk.post(page("saml-discard", draft))

    assert "1 certificate of the draft is also removed." in asked
    assert not fresh(draft).has_draft
    assert subjects(draft, NEW["entity_id"]) == set()
    assert events(draft.organization)[-2:] == [SamlEvent.CHANGED, SamlEvent.CERTIFICATE_REMOVED]
    assert signs_in(draft, mia, "idp")


def test_a_draft_of_a_third_idp_ends_the_second_ones_certificates(desk: Client, draft: SamlSettings) -> None:
    third = {"entity_id": "https://idp.third.example/", "sso_url": "https://idp.third.example/sso"}

    shown = desk.post(page("saml-settings", draft), third, follow=True).content.decode()

    assert "1 certificate of the previous draft is removed" in shown
    assert subjects(draft, NEW["entity_id"]) == subjects(draft, third["entity_id"]) == set()


def test_a_draft_without_a_certificate_of_its_own_cannot_be_tested(desk: Client, saml: SamlSettings) -> None:
    saml.propose(**NEW, by=OPERATOR)

    shown = desk.get(page("saml", saml)).content.decode()

    assert str(SamlIncomplete()) in shown
    assert "SAMLRequest" not in desk.post(page("saml-test", saml))["Location"]


def test_a_test_whose_certificate_was_removed_meanwhile_brings_nothing_into_force(
    desk: Client, draft: SamlSettings, mia: Member
) -> None:
    sent = request_id(desk.post(page("saml-test", draft)))
    message = Message.for_sp(draft, mia.account.email, in_response_to=sent, issuer=NEW["entity_id"])
    draft.remove_certificate(draft.proposed_certificates.get(), by=OPERATOR)
    answer = {"SAMLResponse": encode(signed(message.xml(), "Assertion", by=key_pair("new")))}

    assert "Failed" in desk.post(callback(draft), answer, follow=True).content.decode()
    assert fresh(draft).has_draft


@pytest.mark.parametrize(("idp_named", "is_live"), [("live", True), ("draft", False), (None, False)])
def test_a_typed_certificate_goes_to_the_idp_that_was_chosen_and_else_to_the_draft(
    desk: Client, draft: SamlSettings, mia: Member, idp_named: str | None, is_live: bool
) -> None:
    chosen = {"live": draft.idp_entity_id, "draft": draft.draft_entity_id}
    named = {"idp": chosen[idp_named]} if idp_named else {}

    desk.post(page("saml-certificate-add", draft), {"certificate": key_pair("typed").certificate} | named)

    assert ("CN=typed.test" in subjects(draft, draft.idp_entity_id)) is is_live
    assert ("CN=typed.test" in subjects(draft, draft.draft_entity_id)) is not is_live
    assert signs_in(draft, mia, "typed") is is_live


def test_a_certificate_for_an_idp_that_is_a_draft_no_more_is_not_added(desk: Client, draft: SamlSettings) -> None:
    draft.discard_draft(by=OPERATOR)
    typed = {"certificate": key_pair("typed").certificate, "idp": NEW["entity_id"]}

    answer = desk.post(page("saml-certificate-add", draft), typed)

    assert answer.status_code == 422
    assert str(OtherIdpMeanwhile(idp=NEW["entity_id"])) in answer.context["certificate_form"].errors["idp"]
    assert "CN=typed.test" not in {one.subject for one in draft.certificates.all()}


def test_both_idps_may_sign_with_the_same_key(desk: Client, draft: SamlSettings, mia: Member) -> None:
    upload(desk, draft, idp(bare(pair("idp").certificate)))

    assert subjects(draft, NEW["entity_id"]) == {"CN=new.test", "CN=idp.test"}
    assert passes_test(desk, draft, mia, "idp")
    assert signs_in(draft, mia, "idp")


def test_metadata_of_the_live_idp_adds_to_it_and_leaves_the_draft_alone(desk: Client, draft: SamlSettings) -> None:
    live = draft.idp_entity_id
    document = idp(bare(key_pair("next").certificate), entity_id=live, sso=draft.idp_sso_url)

    upload(desk, draft, document)

    assert "CN=next.test" in subjects(draft, live)
    assert fresh(draft).draft_entity_id == NEW["entity_id"]
    assert subjects(draft, NEW["entity_id"]) == {"CN=new.test"}


def test_the_last_certificate_of_the_live_idp_stays_whatever_the_draft_has(desk: Client, draft: SamlSettings) -> None:
    first, last = draft.live_certificates
    draft.remove_certificate(first, by=OPERATOR)

    answer = desk.post(page("saml-certificate-remove", draft, last.pk))

    assert answer.status_code == 409
    assert desk.post(page("saml-certificate-remove", draft, draft.proposed_certificates.get().pk)).status_code == 302


def test_a_certificate_typed_before_any_idp_belongs_to_the_first_one(desk: Client, hakata: Organization) -> None:
    saml = SamlSettings.of(hakata)
    SamlSettings.objects.filter(pk=saml.pk).update(idp_entity_id="", idp_sso_url="", tested_at=None, enabled_at=None)
    saml.certificates.all().delete()
    saml.add_certificate(key_pair("typed").certificate, by=OPERATOR)
    saml.propose(**NEW, by=OPERATOR)

    assert subjects(saml, NEW["entity_id"]) == {"CN=typed.test"}
    saml.propose(entity_id="https://another.example/", sso_url="https://another.example/sso", by=OPERATOR)
    assert not fresh(saml).certificates.exists()


def test_the_audit_log_names_the_idp_of_each_certificate(desk: Client, draft: SamlSettings, mia: Member) -> None:
    passes_test(desk, draft, mia, "new")

    rows = draft.organization.audit.filter(event__startswith="saml.certificate").order_by("pk")
    told = [(row.event, row.changes["idp_entity_id"]) for row in rows]
    assert told[-3:] == [
        (SamlEvent.CERTIFICATE_ADDED, [None, NEW["entity_id"]]),
        (SamlEvent.CERTIFICATE_REMOVED, ["https://idp.aozora.example/metadata", None]),
        (SamlEvent.CERTIFICATE_REMOVED, ["https://idp.aozora.example/metadata", None]),
    ]


def test_the_page_shows_a_group_for_each_idp(desk: Client, draft: SamlSettings, hakata: Organization) -> None:
    groups = desk.get(page("saml", draft)).context["groups"]

    assert [(group.entity_id, [one.subject for one in group.certificates]) for group in groups] == [
        (draft.idp_entity_id, ["CN=idp.test", "CN=idp.test"]),
        (NEW["entity_id"], ["CN=new.test"]),
    ]


# -- what they were used for


def used(saml: SamlSettings, *, ago: dict[str, int]) -> None:
    """By subject: how many minutes ago it signed last."""
    for one in saml.certificates.all():
        if one.subject in ago:
            one.note_use(timezone.now() - datetime.timedelta(minutes=ago[one.subject]))


@pytest.fixture
def renewed(saml: SamlSettings) -> SamlSettings:
    """The live IdP has certificates “old” and “next”, and no other."""
    saml.add_certificate(key_pair("old").certificate, by=OPERATOR)
    saml.add_certificate(key_pair("next").certificate, by=OPERATOR)
    saml.certificates.filter(subject="CN=idp.test").delete()
    return saml


def asked_to_remove(desk: Client, saml: SamlSettings, subject: str) -> str:
    one = saml.certificates.get(subject=subject)
    return desk.get(page("saml-certificate-remove", saml, one.pk)).content.decode()


def test_the_last_use_is_kept_to_the_minute_and_never_set_back(renewed: SamlSettings) -> None:
    one = renewed.certificates.get(subject="CN=old.test")
    moment = timezone.now()

    one.note_use(moment)
    one.note_use(moment - datetime.timedelta(days=1))

    one.refresh_from_db()
    assert one.last_used_at == moment.replace(second=0, microsecond=0)
    assert fresh(renewed).version == renewed.version


def test_nothing_is_safe_to_remove_before_another_one_has_been_used(desk: Client, renewed: SamlSettings) -> None:
    used(renewed, ago={"CN=old.test": 5})

    shown = desk.get(page("saml", renewed)).content.decode()
    asked = asked_to_remove(desk, renewed, "CN=old.test")

    assert "Safe to remove" not in shown
    assert "It was last used to sign in on" in asked
    assert "No sign-in with CN=next.test" in asked
    assert "The IdP signed with this certificate last." in asked
    assert "safe to remove" not in asked_to_remove(desk, renewed, "CN=next.test")


def test_the_old_one_is_safe_to_remove_once_the_next_has_been_used(desk: Client, renewed: SamlSettings) -> None:
    used(renewed, ago={"CN=old.test": 60, "CN=next.test": 5})

    shown = desk.get(page("saml", renewed)).content.decode()

    assert shown.count("Safe to remove") == 1
    assert "Another one has been used since: it is safe to remove this one." in asked_to_remove(
        desk, renewed, "CN=old.test"
    )
    assert "Remove it only after the IdP has changed" in asked_to_remove(desk, renewed, "CN=next.test")


def test_a_drafts_use_says_nothing_of_the_live_idps_certificate(desk: Client, draft: SamlSettings) -> None:
    used(draft, ago={"CN=idp.test": 60, "CN=new.test": 5})

    assert "Safe to remove" not in desk.get(page("saml", draft)).content.decode()
    asked = asked_to_remove(desk, draft, "CN=new.test")
    assert "Test sign-in of the draft no longer accepts" in asked
    assert "CN=idp.test" not in asked


def test_nobody_is_reminded_of_a_drafts_certificate(
    saml: SamlSettings, django_capture_on_commit_callbacks: Any
) -> None:
    saml.propose(**NEW, by=OPERATOR)
    saml.add_certificate(key_pair("ends soon", days=5).certificate, by=OPERATOR)

    with django_capture_on_commit_callbacks(execute=True):
        call_command("remind")

    assert mail.outbox == []


def test_the_badge_speaks_of_the_live_idps_certificates(desk: Client, draft: SamlSettings) -> None:
    draft.add_certificate(key_pair("expired", days=-1).certificate, by=OPERATOR)

    assert desk.get(page("saml", draft)).context["badge"].label == "On"


@pytest.mark.django_db(transaction=True)
def test_certificates_from_before_belong_to_the_live_idp_or_to_the_first_draft(
    aozora: Organization, hakata: Organization
) -> None:
    SamlSettings.of(aozora).propose(**NEW, by=OPERATOR)
    SamlSettings.objects.filter(organization=hakata).update(
        idp_entity_id="", idp_sso_url="", draft_entity_id="https://first.example/", tested_at=None, enabled_at=None
    )
    executor = MigrationExecutor(connection)
    executor.migrate([("saml", "0003_certificates_of_an_idp")])
    SamlSettings.of(aozora).certificates.update(idp_entity_id="")
    SamlSettings.of(hakata).certificates.update(idp_entity_id="")

    MigrationExecutor(connection).migrate(executor.loader.graph.leaf_nodes())

    assert SamlSettings.of(aozora).certificates.get().idp_entity_id == "https://idp.aozora.example/metadata"
    assert SamlSettings.of(hakata).certificates.get().idp_entity_id == "https://first.example/"


@pytest.mark.parametrize("who", ["an administrator", "support"])
def test_one_that_is_good_for_ever_is_shown_where_the_year_9999_is_over_before(
    client: Client, saml: SamlSettings, aiko: Member, request: pytest.FixtureRequest, who: str
) -> None:
    """RFC 5280, 4.1.2.5: one without an end ends with the year 9999, whose last second is in 10000 in Japan."""
    request.getfixturevalue("support_desk" if who == "support" else "desk")
    Account.objects.update(time_zone="Asia/Tokyo")
    saml.certificates.update(expires_at=datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC))

    page = client.get(support_page(saml) if who == "support" else reverse("saml", args=[saml.organization.space_key]))

    assert "Dec 31, 9999" in page.content.decode()
