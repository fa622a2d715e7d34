"""Mails to an organization's administrators: what was changed, by whom, and what is about to end."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from members.models import Account, Member, Organization, Role, SentReminder
from provisioning.models import Lifetime, ProvisioningSettings, ScimToken
from provisioning.models.token_refusals import IssuerMustBeAdministrator
from saml.models import SamlSettings
from tests.cast import OPERATOR, idp_actor, managed, nulab, page_actor, provisioned, scim_token
from tests.cast.post import Committed


def told(mails: list[Any]) -> list[tuple[str, str]]:
    return sorted((mail.to[0].partition("@")[0], mail.subject) for mail in mails)


# -- changes


def test_a_token_is_announced_with_who_issued_it_and_where_to_revoke_it(
    aozora: Organization, aiko: Member, ren: Member, committed: Committed
) -> None:
    scim_token(aozora)

    [mail] = committed(lambda: ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko)))

    assert mail.to == ["aiko.tanaka@aozora.example"]
    assert mail.subject == "Aozora Design: SCIM token issued"
    assert "Who: Aiko Tanaka (aiko.tanaka@aozora.example)" in mail.body
    assert "Token issuer: Aiko Tanaka" in mail.body
    assert f"revoke the token at once:\nhttp://localhost:8000/spaces/{aozora.space_key}/provisioning" in mail.body


def test_every_switch_and_every_change_of_a_token_is_announced(
    aozora: Organization, aiko: Member, committed: Committed
) -> None:
    emi = managed(aozora, "emi", role=Role.ADMIN)
    provisioning, saml = ProvisioningSettings.of(aozora), SamlSettings.of(aozora)
    token = scim_token(aozora)[0]
    changes: dict[str, Callable[[], object]] = {
        "Token issuer changed": lambda: token.change_issuer(emi, by=page_actor(aiko)),
        "SCIM token revoked": lambda: token.revoke(by=page_actor(aiko)),
        "User provisioning disabled": lambda: provisioning.disable(by=page_actor(aiko)),
        "SAML authentication turned off": lambda: saml.disable(by=page_actor(aiko)),
        "SAML authentication turned on": lambda: saml.enable(by=page_actor(aiko)),
    }
    for event, change in changes.items():
        assert told(committed(change)) == [(who, f"Aozora Design: {event}") for who in ("aiko.tanaka", "emi")]


def test_whoever_becomes_or_stops_being_administrator_is_announced_to_all_and_told(
    aiko: Member, mia: Member, committed: Committed
) -> None:
    title = "Aozora Design: Administrators: Mia Sato, Role changed"

    for role in (Role.ADMIN, Role.USER):
        mails = committed(lambda role=role: mia.change_role(role, by=page_actor(aiko)))  # type: ignore[misc]
        assert told(mails) == [("aiko.tanaka", title), ("mia", title)]
    assert committed(lambda: mia.change_role(Role.GUEST, by=page_actor(aiko))) == []


def test_administrators_who_come_and_go_by_any_door_are_announced(
    aozora: Organization, aiko: Member, committed: Committed
) -> None:
    idp = idp_actor(aozora)
    emi = provisioned(aozora, "emi", role=Role.ADMIN)

    def titles(change: Callable[[], object]) -> set[str]:
        return {mail.subject.partition(", ")[2] for mail in committed(change) if mail.to[0].startswith("aiko")}

    assert titles(lambda: emi.deactivate(by=idp)) == {"Account deactivated"}
    assert titles(lambda: emi.reactivate(by=idp)) == {"Account reactivated"}
    assert titles(lambda: emi.remove(by=idp)) == {"Account deleted"}
    assert titles(lambda: nulab(aozora, "nao", role=Role.ADMIN)) == {"Member added"}
    assert titles(lambda: managed(aozora, "yuki", role=Role.ADMIN)) == {"Account created"}
    assert titles(lambda: managed(aozora, "kenji")) == set()


def test_each_reads_it_in_the_own_language_and_time_zone(
    aozora: Organization, aiko: Member, committed: Committed
) -> None:
    Account.objects.filter(pk=aiko.account_id).update(language="ja", time_zone="Asia/Tokyo")

    [mail] = committed(lambda: ProvisioningSettings.of(aozora).enable(issuer=aiko, by=OPERATOR))[:1]

    assert mail.subject == "Aozora Design: ユーザープロビジョニングの有効化"
    assert "JST" in mail.body


def test_a_refused_change_and_a_sandbox_send_nothing(
    aozora: Organization, mia: Member, sandbox: Organization, sam: Member, committed: Committed
) -> None:
    def refused() -> None:
        with pytest.raises(IssuerMustBeAdministrator):
            ProvisioningSettings.of(aozora).enable(issuer=mia, by=OPERATOR)

    assert committed(refused) == []
    assert committed(lambda: scim_token(sandbox)) == []


# -- reminders


def ending_in(organization: Organization, **distance: int) -> ScimToken:
    token = scim_token(organization)[0]
    token.expires_at = timezone.now() + datetime.timedelta(**distance)
    token.save(update_fields=["expires_at"])
    return token


def days_pass(token: ScimToken, days: int) -> None:
    """As far as the token and what was sent about it are concerned."""
    past = datetime.timedelta(days=days)
    for rows in (ScimToken.objects.filter(pk=token.pk), SentReminder.objects.all()):
        rows.update(expires_at=F("expires_at") - past)


def test_administrators_are_reminded_of_a_token_thirty_seven_and_one_days_before_once_each(
    aozora: Organization, aiko: Member, ren: Member, committed: Committed
) -> None:
    token = ending_in(aozora, days=31)
    mailed = []
    for _day in range(33):
        mailed.append(len(committed(lambda: call_command("remind"))) + len(committed(lambda: call_command("remind"))))
        days_pass(token, 1)

    # Expiring in 31 days, in 30 …, in 7 …, in 1, expired.
    assert [day for day, count in enumerate(mailed) if count] == [1, 24, 30]
    assert sum(mailed) == 3


def test_a_job_that_skipped_days_reminds_once_of_what_is_nearest(aozora: Organization, committed: Committed) -> None:
    token = ending_in(aozora, days=5)

    [mail] = committed(lambda: call_command("remind"))

    assert mail.subject.startswith("Aozora Design: the SCIM token expires on ")
    assert str(token) in mail.body
    assert f"/spaces/{aozora.space_key}/provisioning" in mail.body
    assert committed(lambda: call_command("remind")) == []


@pytest.mark.parametrize("change", ["revoked", "expired", "endless"])
def test_nobody_is_reminded_of_a_token_that_needs_nothing(
    aozora: Organization, committed: Committed, change: str
) -> None:
    token = ending_in(aozora, days=-1 if change == "expired" else 5)
    if change == "revoked":
        token.revoke(by=OPERATOR)
    if change == "endless":
        ScimToken.objects.filter(pk=token.pk).update(expires_at=Lifetime.NEVER.end(timezone.now()))

    assert committed(lambda: call_command("remind")) == []


def test_a_neighbours_token_is_the_neighbours_affair(
    aozora: Organization, hakata: Organization, sandbox: Organization, committed: Committed
) -> None:
    ending_in(hakata, hours=20)
    ending_in(sandbox, hours=20)

    assert [mail.to for mail in committed(lambda: call_command("remind"))] == [["ren.kobayashi@hakata.example"]]


def test_a_tokens_lifetime_is_said_in_words(aozora: Organization, aiko: Member, committed: Committed) -> None:
    mails = committed(lambda: scim_token(aozora))

    assert any("Expires after: 1 year" in mail.body for mail in mails)
