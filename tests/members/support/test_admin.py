"""Support staff in the Django admin: everything to read, and the verbs' rules for what may be changed."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from members.mail.stories import STORIES
from members.models import (
    Account,
    AuditEvent,
    DeletedAccount,
    Domain,
    EmergencyLock,
    Member,
    Organization,
    Outgoing,
    Product,
    Role,
    SecondFactor,
    Subscription,
)
from members.models.audit import Event
from provisioning.models import ScimToken
from tests.cast import (
    OPERATOR,
    PASSWORD,
    code_of,
    idp_actor,
    managed,
    next_code,
    page_actor,
    provisioned,
    scim_token,
    signed_in,
    with_second_factor,
)
from tests.cast.console import support_page, text
from tests.cast.rows import unchanged

MODELS = list(admin.site._registry)


def listed(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def act(client: Client, action: str, row: Model) -> str:
    """Choose an action for one row; what the next page says."""
    answer = client.post(listed(type(row)), {"action": action, "_selected_action": [row.pk]}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def test_administrators_of_an_organization_are_sent_to_the_sign_in_page(client: Client, aiko: Member) -> None:
    answer = signed_in(client, aiko).get(reverse("admin:index"))

    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


def test_support_staff_set_up_a_second_factor_before_the_admin_opens(client: Client, hana: Account) -> None:
    form = {"identifier": hana.email, "password": PASSWORD, "next": "/admin/members/account/"}

    answer = client.post(reverse("signin"), form, follow=True)

    assert answer.redirect_chain[-1][0] == "/profile/security/authenticator?next=%2Fadmin%2Fmembers%2Faccount%2F"
    codes = client.post(answer.request["PATH_INFO"], {"code": code_of(answer.context["secret"]), "next": form["next"]})
    assert f'action="{form["next"]}"' in codes.content.decode()
    assert client.get(form["next"]).status_code == 200


def test_support_staff_enter_with_their_second_factor(client: Client, hana: Account) -> None:
    secret, _ = with_second_factor(hana)
    form = {"identifier": hana.email, "password": PASSWORD, "next": "/admin/"}

    asked = client.post(reverse("signin"), form)
    assert client.get("/admin/").status_code == 302
    answer = client.post(asked["Location"], {"code": next_code(secret), "next": "/admin/"})

    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_session_without_the_second_factor_does_not_open_the_admin(client: Client, hana: Account) -> None:
    with_second_factor(hana)
    client.force_login(hana, backend="members.signin.PasswordBackend")

    answers = [client.get("/admin/"), client.post(listed(Account), {"action": "x"}), client.get("/admin/jsi18n/")]

    assert {answer["Location"].partition("?")[0] for answer in answers} == {"/admin/login/"}
    assert client.get(answers[0]["Location"])["Location"] == "/signin?next=%2Fadmin%2F&again=1"


def test_staff_who_remove_their_second_factor_leave_the_admin(support_desk: Client) -> None:
    support_desk.post(reverse("security-authenticator-remove"), {"current_password": PASSWORD})

    assert support_desk.get("/admin/").status_code == 302


def test_support_staff_change_their_password_where_everybody_does(support_desk: Client) -> None:
    form = {"old_password": PASSWORD, "new_password1": "a lantern over it", "new_password2": "a lantern over it"}

    assert support_desk.post("/admin/password_change/", form)["Location"] == reverse("security-password")


def test_whoever_removes_their_own_second_factor_in_the_admin_is_signed_out(
    support_desk: Client, hana: Account
) -> None:
    answer = support_desk.post(listed(Account), {"action": "remove_second_factor", "_selected_action": [hana.pk]})

    assert answer.status_code == 302
    assert support_desk.get(reverse("profile")).status_code == 302


def test_a_managed_account_is_never_support_staff(client: Client, mia: Member) -> None:
    Account.objects.filter(pk=mia.account_id).update(is_staff=True)

    answer = signed_in(client, mia).get("/admin/", follow=True)

    assert answer.status_code == 403


def test_support_removes_a_second_factor_that_somebody_has_lost(
    support_desk: Client, aiko: Member, ren: Member
) -> None:
    with_second_factor(ren.account)
    assert "has no second factor" in act(support_desk, "remove_second_factor", aiko.account)
    with_second_factor(aiko.account)
    desk = signed_in(Client(), aiko)

    act(support_desk, "remove_second_factor", aiko.account)

    assert list(SecondFactor.objects.filter(account__in=[aiko.account, ren.account])) == [ren.account.second_factor]
    event = AuditEvent.objects.get(organization=aiko.organization, event="account.second_factor_removed")
    assert (event.operator_name, event.subject) == ("Nulab Support", "Aiko Tanaka")
    assert desk.get(reverse("profile")).status_code == 302


def test_a_stranger_at_the_admin_comes_back_to_it_after_signing_in(db: None, client: Client) -> None:
    answer = client.get("/admin/members/organization/", follow=True)

    assert 'name="next" value="/admin/members/organization/"' in answer.content.decode()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_and_page_opens_and_nothing_can_be_deleted(
    support_desk: Client, aozora: Organization, kenji: Member, model: type[Model]
) -> None:
    scim_token(aozora)
    managed(aozora, "nao").remove(by=OPERATOR)

    overview = support_desk.get(listed(model), {"q": "aozora"})

    assert overview.status_code == 200
    assert "delete_selected" not in overview.content.decode()
    for row in model._default_manager.all()[:3]:
        shown = support_desk.get(support_page(row))
        assert shown.status_code == 200
        assert "deletelink" not in shown.content.decode()
        history = support_page(row).replace("/change/", "/history/")
        led_to = re.findall(r'href="([^"]+)" class="historylink"', shown.content.decode())
        assert [unescape(address) for address in led_to] == list(
            filter(None, [support_desk.get(history).get("Location")])
        )
        assert all(support_desk.get(unescape(address)).status_code == 200 for address in led_to)
        assert support_desk.post(support_page(row).replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403


def test_the_history_is_what_the_audit_log_has_by_whatever_door(
    support_desk: Client, mia: Member, aiko: Member
) -> None:
    mia.change_role(Role.GUEST, by=page_actor(aiko))

    history = support_desk.get(support_page(mia).replace("/change/", "/history/"), follow=True)

    assert "Role changed" in text(history)
    assert "Aiko Tanaka" in text(history)


def test_logs_are_told_in_the_readers_words(support_desk: Client, hana: Account, mia: Member) -> None:
    hana.prefer(by=OPERATOR, language="ja")
    mia.deactivate(by=OPERATOR)
    event = AuditEvent.objects.get(event=Event.ACCOUNT_DEACTIVATED)
    mail = Outgoing.objects.create(story="token_expires", recipient="aiko@aozora.example")

    assert "アカウントの停止: Mia Sato" in text(support_desk.get(support_page(event)))
    assert "サーバーのコマンド" in text(support_desk.get(support_page(event)))
    for shown in (listed(Outgoing), support_page(mail)):
        assert "SCIMトークンの期限" in text(support_desk.get(shown))
        assert "token_expires" not in text(support_desk.get(shown))


def test_each_kind_of_mail_has_a_name() -> None:
    assert {path.stem for path in Path(settings.BASE_DIR, "templates", "mail").glob("*.txt")} == STORIES.keys()


def test_passwords_and_token_hashes_are_shown_nowhere(support_desk: Client, aozora: Organization, aiko: Member) -> None:
    token, secret = scim_token(aozora)

    shown = "".join(
        support_desk.get(address).content.decode()
        for address in (support_page(token), listed(ScimToken), support_page(aiko.account), listed(Account))
    )

    assert token.prefix in shown
    assert token.hash not in shown
    assert secret not in shown
    assert aiko.account.password not in shown


def test_tokens_cannot_be_issued_by_support(support_desk: Client, aozora: Organization) -> None:
    scim_token(aozora)

    answer = support_desk.get(listed(ScimToken) + "add/")

    assert answer.status_code == 403


def test_tokens_can_be_revoked_by_support(support_desk: Client, aozora: Organization, hakata: Organization) -> None:
    token, _ = scim_token(aozora)
    theirs, _ = scim_token(hakata)

    act(support_desk, "revoke", token)

    token.refresh_from_db()
    theirs.refresh_from_db()
    assert not token.is_live
    assert theirs.is_live
    event = AuditEvent.objects.get(organization=aozora, event="token.revoked")
    assert (event.operator_name, event.operator_kind) == ("Nulab Support", "support")


def test_the_last_administrator_is_protected_from_support_too(support_desk: Client, hakata: Organization) -> None:
    kita = Organization.objects.register(name="Kita Works", slug="kita", by=OPERATOR)
    Domain.objects.add(kita, "kita.example", by=OPERATOR).vouch(by=OPERATOR)
    Subscription.objects.buy(kita, Product.PASS, 5, by=OPERATOR)
    emi = managed(kita, "emi", role=Role.ADMIN)

    said = act(support_desk, "deactivate", emi)

    assert "last active administrator" in said
    assert Account.objects.get(pk=emi.account_id).is_active


def test_support_can_put_a_member_out_and_in_again(support_desk: Client, mia: Member) -> None:
    act(support_desk, "deactivate", mia)
    assert not Account.objects.get(pk=mia.account_id).is_active

    act(support_desk, "reactivate", mia)
    assert Account.objects.get(pk=mia.account_id).is_active


def test_reactivation_stays_the_idps_while_provisioning_is_enabled(
    support_desk: Client, aozora: Organization, kenji: Member
) -> None:
    scim_token(aozora)
    kenji.deactivate(by=idp_actor(aozora))

    said = act(support_desk, "reactivate", kenji)

    assert "kept by the identity provider" in said
    assert not Account.objects.get(pk=kenji.account_id).is_active


def test_an_organization_can_be_renamed_and_its_former_id_stays_reserved(
    support_desk: Client, aozora: Organization, hakata: Organization
) -> None:
    support_desk.post(support_page(aozora), {"name": "Aozora Studio", "slug": "aozora-studio"})
    aozora.refresh_from_db()
    assert (aozora.name, aozora.slug) == ("Aozora Studio", "aozora-studio")

    refused = support_desk.post(support_page(hakata), {"name": "Hakata Labs", "slug": "aozora"}, follow=True)

    hakata.refresh_from_db()
    assert hakata.slug == "hakata"
    assert refused.status_code == 200
    assert "in use or was used before" in refused.content.decode()


# Language and time zone of a new administrator.
HERE = {"language": "ja", "time_zone": "Asia/Tokyo"}


@pytest.mark.parametrize("is_sandbox", [False, True])
def test_support_can_create_organizations_with_their_first_administrator(
    support_desk: Client, hakata: Organization, is_sandbox: bool
) -> None:
    form = {"name": "Kita Works", "slug": "kita", "administrator": "Yuki@Kita.example"} | HERE

    support_desk.post(listed(Organization) + "add/", form | ({"sandbox": "on"} if is_sandbox else {}))

    kita = Organization.objects.get(slug="kita")
    yuki = kita.members.get()
    assert kita.is_sandbox is is_sandbox
    assert (yuki.account.email, yuki.role, yuki.account.has_usable_password()) == ("Yuki@Kita.example", "ADMIN", False)
    assert (yuki.account.language, yuki.account.time_zone) == ("ja", "Asia/Tokyo")
    assert {(row.event, row.operator_name) for row in kita.audit.all()} == {
        ("organization.created", "Nulab Support"),
        ("member.added", "Nulab Support"),
    }


def test_an_organization_that_is_refused_leaves_nothing_and_what_was_typed_stays(
    support_desk: Client, hakata: Organization, mia: Member
) -> None:
    hakata.rename(slug="hakata-labs", by=OPERATOR)
    add = listed(Organization) + "add/"
    taken = {"name": "Kita Works", "slug": "hakata", "administrator": "yuki@kita.example"} | HERE
    managed_elsewhere = {"name": "Kita Works", "slug": "kita", "administrator": mia.account.email} | HERE

    with unchanged():
        first, second = (support_desk.post(add, form) for form in (taken, managed_elsewhere))

    assert "in use or was used before" in first.content.decode()
    assert 'value="yuki@kita.example"' in first.content.decode()
    assert "managed by another organization" in second.content.decode()


def test_licences_are_bought_and_ended_through_the_verbs(support_desk: Client, aozora: Organization) -> None:
    cacoo = aozora.subscriptions.get(product=Product.CACOO)

    support_desk.post(support_page(cacoo), {"bought": 9})
    cacoo.refresh_from_db()
    assert cacoo.bought == 9

    act(support_desk, "end", cacoo)
    cacoo.refresh_from_db()
    assert cacoo.ended_at is not None
    told = AuditEvent.objects.filter(organization=aozora, operator_kind="support").order_by("pk")
    assert [event.event for event in told] == ["subscription.changed", "subscription.ended"]


def test_a_subscription_is_started_by_support(support_desk: Client, hakata: Organization) -> None:
    kita = Organization.objects.register(name="Kita Works", slug="kita", by=OPERATOR)
    address = reverse("admin:members_subscription_add")

    support_desk.post(address, {"organization": kita.pk, "product": "pass", "bought": 25})

    assert kita.subscriptions.get().bought == 25
    assert AuditEvent.objects.filter(organization=kita, event="subscription.changed").count() == 1


def test_a_domain_is_vouched_for_by_support(support_desk: Client, aozora: Organization) -> None:
    domain = Domain.objects.add(aozora, "aozora.co.jp", by=OPERATOR)

    act(support_desk, "vouch", domain)

    assert "aozora.co.jp" in aozora.verified_domains()


NOTHING = "Nothing was changed: the action does not apply to what you chose."


def test_an_action_that_has_nothing_to_do_says_so(support_desk: Client, aozora: Organization, mia: Member) -> None:
    subscription = aozora.subscriptions.get(product=Product.PASS)
    subscription.end(by=OPERATOR)
    mail = Outgoing.objects.create(story="notice", recipient="aiko@aozora.example", state=Outgoing.State.SENT)

    assert act(support_desk, "vouch", aozora.domains.get()) == NOTHING
    assert "Saving starts it again" in text(support_desk.get(support_page(subscription)))
    assert act(support_desk, "end", subscription) == NOTHING
    assert act(support_desk, "send_again", mail) == NOTHING
    assert act(support_desk, "reactivate", mia) == NOTHING
    mia.deactivate(by=OPERATOR)
    assert act(support_desk, "deactivate", mia) == NOTHING


def test_moments_of_the_lists_are_the_readers(support_desk: Client, hana: Account, mia: Member) -> None:
    hana.prefer(by=OPERATOR, time_zone="Asia/Tokyo")
    mia.deactivate(by=OPERATOR)
    EmergencyLock.objects.update(at="2026-03-01T20:00:00Z")

    assert "Mar 2, 2026, 5:00 AM" in text(support_desk.get(listed(Member)))


def test_a_deleted_account_comes_back_inactive_with_its_id(support_desk: Client, mia: Member) -> None:
    mia.remove(by=OPERATOR)
    deleted = DeletedAccount.objects.get()

    act(support_desk, "bring_back", deleted)

    back = Member.objects.get(scim_id=deleted.scim_id)
    assert not back.account.is_active


def test_a_restore_asks_for_another_address_and_unique_id_where_they_are_taken(
    support_desk: Client, aozora: Organization, mia: Member
) -> None:
    mia.assign_licence(Product.TYPETALK, by=OPERATOR)
    mia.remove(by=OPERATOR)
    provisioned(aozora, "mia").assign_licence(Product.TYPETALK, by=OPERATOR)
    managed(aozora, "emi").assign_licence(Product.TYPETALK, by=OPERATOR)
    deleted = DeletedAccount.objects.get()

    from_the_list = act(support_desk, "bring_back", deleted)
    asked = support_desk.get(support_page(deleted)).content.decode()
    unanswered = support_desk.post(support_page(deleted), {"another_user_name": "", "another_unique_id": ""})
    wrong = support_desk.post(
        support_page(deleted), {"another_user_name": "mia@hakata.example", "another_unique_id": "mia2"}
    )
    answer: Any = support_desk.post(
        support_page(deleted), {"another_user_name": "mia2@aozora.example", "another_unique_id": "mia2"}, follow=True
    )

    assert "is now used by another account" in from_the_list
    assert "mia@aozora.example is now used by another account" in asked
    assert "mia is now used by another account" in asked
    assert 'name="another_user_name" value' not in asked
    assert "Typetalk (none is free now)" in asked
    assert "This field is required" in unanswered.content.decode()
    assert "hakata.example" in wrong.content.decode()
    back = Member.objects.get(scim_id=deleted.scim_id)
    assert answer.redirect_chain[-1][0] == support_page(back)
    assert (back.account.user_name, back.account.is_active) == ("mia2@aozora.example", False)
    event = AuditEvent.objects.get(event="account.restored")
    assert (event.operator_name, event.subject_id) == ("Nulab Support", back.scim_id)


def test_a_restore_that_nothing_stands_against_asks_for_nothing(support_desk: Client, mia: Member) -> None:
    mia.remove(by=OPERATOR)
    deleted = DeletedAccount.objects.get()

    support_desk.post(support_page(deleted), {"another_user_name": "", "another_unique_id": ""})

    assert Member.objects.get(scim_id=deleted.scim_id).account.user_name == "mia@aozora.example"
