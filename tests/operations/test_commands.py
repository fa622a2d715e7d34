"""What operators and automation type: create_organization, issue_scim_token, prune, seed_demo."""

import datetime
import io
import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from django.test import Client
from django.utils import timezone

from demo.past import TOKEN_LIVED
from members import actors
from members.models import (
    Account,
    AuditEvent,
    DeletedAccount,
    Event,
    Member,
    Organization,
    Outgoing,
    Product,
    Role,
    Session,
)
from members.models.member.refusals import AtMostMember, IsNulabAccount, NeedsUpdate
from members.models.organization_refusals import OrganizationIdTaken
from members.refusals import Refusal
from members.values_refusals import InvalidDomain, InvalidTimeZone
from nulab_org.environment import Environment
from operations import readiness
from operations.command_errors import sentence_about
from provisioning.models import BadTokenCount, Kind, ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.settings_refusals import NeedsPass, NotEnabled
from provisioning.models.token_refusals import IssuerMustBeAdministrator, TwoTokensAlready
from saml.models import SamlSettings
from tests.cast import OPERATOR, PASSWORD, managed, nulab
from tests.cast.console import opened

TASKS = ("--id", "tasks", "--administrator", "emi@tasks.example")


def typed(*words: str) -> str:
    """What the command prints on stdout."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def told_no(refusal: Refusal, *words: str) -> None:
    with pytest.raises(CommandError, match=re.escape(str(refusal))):
        typed(*words)


def token_for(slug: str, issuer: str, *options: str) -> dict[str, str]:
    answer: dict[str, str] = json.loads(typed("issue_scim_token", slug, "--issuer", issuer, "--json", *options))
    return answer


def scim_status(scim_url: str, token: str) -> int:
    path = scim_url.removeprefix("http://localhost:8000")
    return Client().get(f"{path}Users", headers={"Authorization": f"Bearer {token}"}).status_code


# -- create_organization


def test_a_new_administrator_sets_the_password_by_the_printed_link_once(hakata: Organization) -> None:
    printed = typed("create_organization", "Tasks & Co", *TASKS)

    [link] = re.findall(r"http://localhost:8000(/set-password/\S+)", printed)
    new = {"new_password1": "a long enough password", "new_password2": "a long enough password"}
    browser = Client()
    assert browser.post(opened(browser, link), new).status_code == 302
    assert Client().get(link).status_code == 404
    assert Account.objects.get(user_name="emi@tasks.example").check_password("a long enough password")


def test_a_new_administrator_has_the_language_and_time_zone_that_were_typed(hakata: Organization) -> None:
    typed("create_organization", "Tasks", *TASKS, "--language", "ja", "--time-zone", "Asia/Tokyo")

    emi = Account.objects.get(user_name="emi@tasks.example")
    assert (emi.language, emi.time_zone) == ("ja", "Asia/Tokyo")
    told_no(
        InvalidTimeZone(value="Tokyo"), "create_organization", "Try", "--id", "try", "--administrator",
        "rin@tasks.example", "--time-zone", "Tokyo",
    )  # fmt: skip
    assert not Organization.objects.filter(slug="try").exists()


def test_the_printed_next_steps_name_the_organization(hakata: Organization) -> None:
    printed = typed("create_organization", "Tasks & Co", *TASKS)

    organization = Organization.objects.get(slug="tasks")
    assert organization.space_key in printed
    assert "Nulab Pass" in printed


def test_an_account_that_is_there_becomes_administrator_and_keeps_its_password(ren: Member) -> None:
    printed = typed("create_organization", "Tasks", "--id", "tasks", "--administrator", "Ren.Kobayashi@hakata.example")

    member = Organization.objects.get(slug="tasks").members.get()
    assert member.account == ren.account
    assert member.role == Role.ADMIN
    assert ren.account.check_password(PASSWORD)
    assert "set-password" not in printed


def test_a_managed_account_cannot_become_administrator_elsewhere_and_nothing_is_written(aozora: Organization) -> None:
    mia = managed(aozora, "mia")

    told_no(
        AtMostMember(member=mia.account.name),
        "create_organization", "Tasks", "--id", "tasks", "--administrator", "mia@aozora.example",
    )  # fmt: skip

    assert not Organization.objects.filter(slug="tasks").exists()


def test_a_domain_counts_as_verified_on_the_operators_word(hakata: Organization) -> None:
    typed("create_organization", "Tasks", *TASKS, "--domain", "Tasks.Example")

    organization = Organization.objects.get(slug="tasks")
    assert organization.verified_domains() == {"tasks.example"}
    verified = organization.audit.get(event=Event.DOMAIN_VERIFIED)
    assert verified.operator_kind == actors.Kind.OPERATOR
    assert verified.changes == {"proof": ["", "operator"]}
    assert not hakata.audit.filter(operator_name="manage.py create_organization").exists()


def test_a_wrong_domain_leaves_neither_organization_nor_account(db: None) -> None:
    told_no(
        InvalidDomain(domain="not a domain"),
        "create_organization", "Tasks", *TASKS, "--domain", "not a domain",
    )  # fmt: skip

    assert not Organization.objects.exists()
    assert not Account.objects.exists()


def test_the_neighbours_organization_id_is_refused(hakata: Organization) -> None:
    told_no(
        OrganizationIdTaken(slug="hakata"),
        "create_organization", "Tasks", "--id", "hakata", "--administrator", "emi@tasks.example",
    )  # fmt: skip


def test_a_sandbox_is_ready_for_a_token(hakata: Organization) -> None:
    printed = typed("create_organization", "Try", "--id", "try", "--administrator", "emi@tasks.example", "--sandbox")

    assert Organization.objects.get(slug="try").is_sandbox
    assert "issue_scim_token try --issuer emi@tasks.example --enable" in printed
    assert scim_status(*token_for("try", "emi@tasks.example", "--enable").values()) == 200


# -- issue_scim_token


def test_the_token_opens_its_organization_and_no_other(aozora: Organization, ren: Member) -> None:
    ours = token_for("aozora", "aiko.tanaka@aozora.example", "--enable")
    theirs = token_for("hakata", ren.account.email, "--enable")

    assert list(ours) == ["scim_url", "token"]
    assert scim_status(ours["scim_url"], ours["token"]) == 200
    assert scim_status(ours["scim_url"], theirs["token"]) == 401


def test_without_json_url_and_token_are_printed_for_people(aozora: Organization) -> None:
    printed = typed("issue_scim_token", "aozora", "--issuer", "aiko.tanaka@aozora.example", "--enable")

    assert ProvisioningSettings.of(aozora).scim_url in printed
    assert len(re.findall(r"nlb_scim_\S+", printed)) == 1


def test_enabling_yields_exactly_one_token_whether_or_not_one_is_live(aozora: Organization) -> None:
    for live in (1, 2):
        token_for("aozora", "aiko.tanaka@aozora.example", "--enable")
        assert ScimToken.objects.live().filter(organization=aozora).count() == live


def test_a_third_live_token_is_refused(aozora: Organization) -> None:
    for _ in range(2):
        token_for("aozora", "aiko.tanaka@aozora.example", "--enable")

    told_no(
        TwoTokensAlready(),
        "issue_scim_token", "aozora", "--issuer", "aiko.tanaka@aozora.example", "--enable",
    )  # fmt: skip


def test_no_token_is_issued_while_provisioning_is_disabled(aozora: Organization) -> None:
    told_no(
        NotEnabled(),
        "issue_scim_token", "aozora", "--issuer", "aiko.tanaka@aozora.example",
    )  # fmt: skip


def test_a_missing_precondition_leaves_provisioning_off(aozora: Organization) -> None:
    aozora.subscriptions.get(product=Product.PASS).end(by=OPERATOR)

    told_no(
        NeedsPass(),
        "issue_scim_token", "aozora", "--issuer", "aiko.tanaka@aozora.example", "--enable",
    )  # fmt: skip

    assert not ProvisioningSettings.is_enabled_for(aozora)


def test_only_an_administrator_can_be_issuer(aozora: Organization) -> None:
    nulab(aozora, "nao")

    told_no(
        IssuerMustBeAdministrator(),
        "issue_scim_token", "aozora", "--issuer", "nao@aozora.example", "--enable",
    )  # fmt: skip

    assert not ProvisioningSettings.is_enabled_for(aozora)


def test_the_neighbours_administrator_is_nobody_here(aozora: Organization, ren: Member) -> None:
    with pytest.raises(CommandError, match=r"ren\.kobayashi@hakata\.example is not a member of Aozora Design"):
        typed("issue_scim_token", "aozora", "--issuer", ren.account.email, "--enable")


def test_an_unknown_organization_is_named(hakata: Organization) -> None:
    with pytest.raises(CommandError, match="no organization with the ID “nowhere”"):
        typed("issue_scim_token", "nowhere", "--issuer", "ren.kobayashi@hakata.example")


@pytest.mark.parametrize(("expires", "days"), [("90d", 90), ("1y", 365), ("2y", 730), ("never", None)])
def test_a_token_lives_as_long_as_asked_for(aozora: Organization, expires: str, days: int | None) -> None:
    token_for("aozora", "aiko.tanaka@aozora.example", "--enable", "--expires", expires)

    token = ScimToken.objects.get(organization=aozora)
    assert (token.expires_at and round((token.expires_at - timezone.now()) / datetime.timedelta(days=1))) == days


# -- prune


def activity(organization: Organization, days: int, *, is_lasting: bool) -> SyncActivity:
    return SyncActivity.objects.create(
        organization=organization, at=timezone.now() - datetime.timedelta(days=days), request_id="r", token_prefix="p",
        kind=Kind.SEARCH, method="GET", path="/Users", status=200, duration_ms=1, is_lasting=is_lasting,
    )  # fmt: skip


def test_prune_keeps_reads_for_30_days_and_changes_for_13_months(aozora: Organization) -> None:
    kept = [activity(aozora, 29, is_lasting=False), activity(aozora, 390, is_lasting=True)]
    activity(aozora, 31, is_lasting=False)
    activity(aozora, 400, is_lasting=True)

    printed = typed("prune")

    assert list(SyncActivity.objects.order_by("-at")) == kept
    assert "sync activity: 2" in printed


def test_prune_forgets_old_audit_events_bad_tokens_deleted_accounts_and_sessions(aozora: Organization) -> None:
    long_ago = timezone.now() - datetime.timedelta(days=400)
    managed(aozora, "mia").remove(by=OPERATOR)
    managed(aozora, "kenji").remove(by=OPERATOR)
    DeletedAccount.objects.filter(user_name="mia@aozora.example").update(deleted_at=long_ago)
    AuditEvent.objects.filter(organization=aozora, event=Event.DOMAIN_ADDED).update(at=long_ago)
    for minute in (long_ago, timezone.now()):
        BadTokenCount.objects.create(organization=aozora, address="192.0.2.7", minute=minute, calls=1)
    Session.objects.create(session_key="old", session_data="", expire_date=long_ago)
    Session.objects.create(session_key="new", session_data="", expire_date=timezone.now() + TOKEN_LIVED)

    typed("prune")

    assert [gone.user_name for gone in DeletedAccount.objects.all()] == ["kenji@aozora.example"]
    assert not aozora.audit.filter(event=Event.DOMAIN_ADDED).exists()
    assert aozora.audit.filter(event=Event.DOMAIN_VERIFIED).exists()
    assert BadTokenCount.objects.count() == 1
    assert [session.session_key for session in Session.objects.all()] == ["new"]


# -- seed_demo


@pytest.fixture
def demo(db: None, settings: Any) -> Organization:
    """Aozora of the demo, with everything else that seed_demo makes."""
    settings.DEBUG = True
    typed("seed_demo")
    return Organization.objects.get(slug="aozora")


def test_demo_data_is_refused_where_debug_is_off(db: None) -> None:
    with pytest.raises(CommandError, match="DEBUG=1"):
        typed("seed_demo")

    assert not Organization.objects.exists()


def test_seeding_twice_is_seeding_once(demo: Organization) -> None:
    demo.rename(slug="aozora-design", by=OPERATOR)
    models: list[Any] = [Organization, Account, Member, AuditEvent, SyncActivity, ScimToken]
    before = [model.objects.count() for model in models]

    assert typed("seed_demo") == ""

    assert [model.objects.count() for model in models] == before


def test_nobody_is_mailed_the_invented_past(demo: Organization) -> None:
    assert not Outgoing.objects.exists()


def test_each_demo_organization_gets_a_token_at_once(demo: Organization) -> None:
    for slug, issuer in (
        ("aozora", "aiko.tanaka@aozora.example"),
        ("hakata", "ren.kobayashi@hakata.example"),
        ("sandbox", "sam.sandbox@hakata.example"),
    ):
        assert not ProvisioningSettings.is_enabled_for(Organization.objects.get(slug=slug))
        assert scim_status(*token_for(slug, issuer, "--enable").values()) == 200


def test_the_demo_password_signs_in(demo: Organization) -> None:
    administrators = ["aiko.tanaka@aozora.example", "ren.kobayashi@hakata.example", "sam.sandbox@hakata.example"]
    for email in [*administrators, "support@nulab.example"]:
        client = Client()
        client.post("/signin", {"identifier": email, "password": "demo"})
        account = Account.objects.get(pk=client.session["_auth_user_id"])
        assert (account.email, account.type, account.is_staff) == (email, "nulab", email not in administrators)


def test_the_demo_organizations_are_as_promised(demo: Organization) -> None:
    hakata = Organization.objects.get(slug="hakata")
    free = {subscription.product: subscription.free for subscription in demo.subscriptions.all()}
    assert demo.members.count() == demo.headcount.members == 50
    assert hakata.members.get().account.language == "ja"
    assert {member.account.type for member in demo.members.select_related("account")} == set(Account.Type.values)
    assert {member.role for member in demo.members.all()} == set(Role.values)
    assert demo.members.filter(account__is_active=False).exists()
    assert (free[Product.PASS], free[Product.CACOO], free[Product.TYPETALK]) == (100, 1, 0)
    assert hakata.subscriptions.get(product=Product.PASS).free >= 100
    assert SamlSettings.is_enabled_for(demo)
    assert SamlSettings.is_enabled_for(hakata)


def test_the_demo_has_two_weeks_of_activity_with_every_kind_of_outcome(demo: Organization) -> None:
    calls = demo.sync_activity.order_by("at")
    outcomes = {call.event for call in calls}
    assert {"created", "changed", "deactivated", "refused", "read"} <= outcomes
    assert timezone.now() - calls[0].at > datetime.timedelta(days=12)
    assert demo.sync_activity.filter(status=409, reason="address_taken_here").exists()
    assert all(call.explanation for call in calls if call.is_refused)
    known = set(demo.members.values_list("scim_id", flat=True))
    assert {call.subject_id for call in calls} - {""} <= known


def test_the_demo_token_has_expired_and_protects_nobody(demo: Organization) -> None:
    token = ScimToken.objects.get(organization=demo)
    assert token.expires_at is not None
    assert token.expires_at < timezone.now()
    assert not token.is_live


def test_nothing_in_the_demo_happens_before_its_time(demo: Organization) -> None:
    for member in demo.members.select_related("account"):
        first = demo.audit.filter(subject_id=member.scim_id).order_by("at")[0]
        assert first.event in (Event.ACCOUNT_CREATED, Event.MEMBER_ADDED)
        assert member.created_at == member.account.created_at == first.at
    assert demo.audit.filter(at__gt=timezone.now()).count() == 0


def test_one_demo_account_is_older_than_provisioning(demo: Organization) -> None:
    members = demo.members.select_related("account")
    reasons = [type(member.ineligibility(demo.verified_domains())) for member in members]
    assert reasons.count(NeedsUpdate) == 1
    assert reasons.count(IsNulabAccount) == 3


# -- what the operator can mend


@pytest.mark.parametrize(
    ("database", "words", "said"),
    [
        ("sqlite:////nowhere/db.sqlite3", [b"watch"], "cannot be used: unable to open database file"),
        ("nonsense", [b"watch"], "DATABASE_URL"),
        ("sqlite://:memory:", [b"remove_second_factor", b"\x83\x81@aozora.example"], "not in UTF-8"),
    ],
)
def test_it_is_a_sentence_and_an_exit_code(database: str, words: list[bytes], said: str) -> None:
    answer = subprocess.run(
        [sys.executable, "manage.py", *words],
        env=os.environ | {"DATABASE_URL": database, "DEBUG": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout) == (1, "")
    assert said in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SCIM_RATE", "many", "SCIM_RATE must be a number, not 'many'"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL must be such as postgres://"),
        ("DATABASE_URL", "mysql://u:secret@host/name", "DATABASE_URL must be such as postgres://"),
        ("DATABASE_URL", "postgres://u:secret@host:port/name", "DATABASE_URL is an address that cannot be read"),
        ("EMAIL_URL", "smtp://u:secret@host:port", "EMAIL_URL is an address that cannot be read"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    env = Environment()
    read = {"SCIM_RATE": env.float, "DATABASE_URL": env.db_url, "EMAIL_URL": env.email_url}[name]
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)) as refused:
        read(name)
    assert "secret" not in str(refused.value)


def test_a_command_that_is_interrupted_ends_without_a_traceback() -> None:
    # As Ctrl-C does it, as soon as the command is loaded; who runs the tests behind something else may ignore it.
    environment = os.environ | {"DATABASE_URL": "sqlite://:memory:", "DEBUG": "1"}
    program = "from signal import *; signal(SIGINT, default_int_handler); raise_signal(SIGINT)"
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", program],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout, answer.stderr) == (130, "", "")


def test_a_database_that_is_behind_is_said_and_no_mistake_of_ours_hidden(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = ProgrammingError("no such column")
    assert sentence_about(missing, ["manage.py", "watch"]) is None, "all migrations are applied"
    monkeypatch.setattr(readiness, "is_migrated", lambda: False)
    assert "manage.py migrate" in (sentence_about(missing, ["manage.py", "watch"]) or "")
    assert sentence_about(missing, ["manage.py", "migrate"]) is None
    assert sentence_about(ValueError(), ["manage.py", "watch"]) is None
