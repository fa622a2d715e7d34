"""Every change leaves exactly one row in the audit log; what changes nothing leaves none."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.db.models import Model, TextChoices
from django.test.utils import CaptureQueriesContext

from members import openings
from members.models import (
    AuditEvent,
    Domain,
    Event,
    Member,
    Organization,
    Product,
    Role,
    Subscription,
    Team,
    owning,
)
from members.models.member.refusals import ReservedForSandbox
from provisioning.events import ProvisioningEvent
from provisioning.models import ProvisioningSettings, ScimToken
from saml.events import SamlEvent
from saml.models import SamlSettings
from tests.cast import OPERATOR, SUPPORT, idp_actor, managed, nulab, page_actor, provisioned, scim_token
from tests.cast.rows import events, fresh, last_event, refused, rows_of, unchanged


class Change(NamedTuple):
    event: TextChoices
    changes: dict[str, Any]
    do: Callable[[Member], object]
    # What must have been done before; and doing it again, where that is allowed and changes nothing.
    first: Callable[[Member], object] = lambda member: None
    is_repeatable: bool = True


CHANGES = {
    "name": Change(
        Event.ACCOUNT_CHANGED,
        {"display_name": ["Emi Ueda", "Emi"], "name": ["Emi Ueda", "Emi"]},
        lambda emi: emi.change_profile({"display_name": "Emi"}, by=OPERATOR),
    ),
    "user name": Change(
        Event.ACCOUNT_CHANGED,
        {name: ["emi@aozora.example", "e@aozora.example"] for name in ("user_name", "email")},
        lambda emi: emi.change_profile({"user_name": "e@aozora.example"}, by=OPERATOR),
    ),
    "Unique ID": Change(
        Event.ACCOUNT_CHANGED,
        {"unique_id": ["emi", "em"], "unique_id_is_chosen": [False, True]},
        lambda emi: emi.change_unique_id("em", by=OPERATOR),
    ),
    "forgotten Unique ID": Change(
        Event.ACCOUNT_CHANGED,
        {"unique_id_is_chosen": [True, False]},
        lambda emi: emi.forget_unique_id(by=OPERATOR),
        lambda emi: emi.change_unique_id("em", by=OPERATOR),
    ),
    "externalId": Change(
        Event.ACCOUNT_CHANGED,
        {"external_id": ["emi-1", "emi-2"]},
        lambda emi: emi.change_external_id("emi-2", by=OPERATOR),
    ),
    "role": Change(
        Event.ROLE_CHANGED, {"role": ["ADMIN", "GUEST"]}, lambda emi: emi.change_role(Role.GUEST, by=OPERATOR)
    ),
    "privileges": Change(
        Event.PRIVILEGES_CHANGED,
        {"can_invite": [False, True], "is_audit_log_admin": [False, True]},
        lambda emi: emi.change_privileges(can_invite=True, is_audit_log_admin=True, by=OPERATOR),
    ),
    "deactivation": Change(
        Event.ACCOUNT_DEACTIVATED,
        {"active": [True, False], "licences": [["Nulab Pass"], []], "locked": [False, True]},
        lambda emi: emi.deactivate(by=OPERATOR),
    ),
    "reactivation": Change(
        Event.ACCOUNT_REACTIVATED,
        {"active": [False, True], "licences": [[], ["Nulab Pass"]], "locked": [True, False]},
        lambda emi: emi.reactivate(by=OPERATOR),
        lambda emi: emi.deactivate(by=OPERATOR),
    ),
    "deletion": Change(
        Event.ACCOUNT_DELETED,
        {"licences": [["Nulab Pass"], []]},
        lambda emi: emi.remove(by=OPERATOR),
        is_repeatable=False,
    ),
    "match": Change(
        Event.ACCOUNT_MATCHED,
        {"type": ["managed", "provisioned"]},
        lambda emi: emi.mark_provisioned(by=idp_actor(emi.organization)),
        is_repeatable=False,
    ),
    "Nulab Account": Change(
        Event.ACCOUNT_TYPE_CHANGED,
        {"type": ["managed", "nulab"], "licences": [["Nulab Pass"], []]},
        lambda emi: emi.convert_to_nulab(by=OPERATOR),
        is_repeatable=False,
    ),
    "Managed Account": Change(
        Event.ACCOUNT_TYPE_CHANGED,
        {"type": ["nulab", "managed"], "licences": [[], ["Nulab Pass"]]},
        lambda emi: emi.convert_to_managed(by=OPERATOR),
        lambda emi: emi.convert_to_nulab(by=OPERATOR),
        is_repeatable=False,
    ),
    "licence": Change(
        Event.LICENCE_ASSIGNED,
        {"licences": [[], ["Cacoo"]]},
        lambda emi: emi.assign_licence(Product.CACOO, by=OPERATOR),
    ),
    "withdrawn licence": Change(
        Event.LICENCE_WITHDRAWN,
        {"licences": [["Cacoo"], []]},
        lambda emi: emi.withdraw_licence(Product.CACOO, by=OPERATOR),
        lambda emi: emi.assign_licence(Product.CACOO, by=OPERATOR),
    ),
}


@pytest.fixture
def emi(aozora: Organization) -> Member:
    """An administrator whom nobody depends on."""
    return managed(aozora, "emi", role=Role.ADMIN, external_id="emi-1")


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_change_of_a_member_is_one_row_with_before_and_after(
    aozora: Organization, hakata: Organization, emi: Member, change: Change
) -> None:
    change.first(emi)
    count, neighbours = AuditEvent.objects.count(), rows_of(hakata)
    scim_id = emi.scim_id

    change.do(emi)

    assert AuditEvent.objects.count() == count + 1
    event = last_event(aozora)
    assert (event.event, event.changes, event.subject_id) == (change.event, change.changes, scim_id)
    assert rows_of(hakata) == neighbours


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_change_of_a_member_can_be_forbidden_and_is_told(
    emi: Member, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[TextChoices] = []
    monkeypatch.setattr(openings.AFTER_CHANGE, "_functions", [lambda change: told.append(change.event)])
    change.first(emi)
    told.clear()
    before = columns(emi), columns(emi.account)
    with monkeypatch.context() as forbidden:
        forbidden.setattr(openings.BEFORE_CHANGE, "_functions", [_forbid])
        with refused(ReservedForSandbox):
            change.do(emi)
    assert not told
    assert (columns(emi), columns(emi.account)) == before

    change.do(emi)

    assert told == [change.event]


def columns(row: Model) -> dict[str, Any]:
    """As the object at hand has them."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields}


def _forbid(change: object) -> None:
    raise ReservedForSandbox


REPEATABLE = {name: change for name, change in CHANGES.items() if change.is_repeatable}


@pytest.mark.parametrize("change", REPEATABLE.values(), ids=list(REPEATABLE))
def test_the_same_change_again_writes_nothing(emi: Member, change: Change) -> None:
    change.first(emi)
    change.do(emi)

    with unchanged():
        change.do(emi)


# What nobody reads: keys, times of writing, secrets, what is only remembered.
UNSEEN = {
    "modified_at", "created_at", "brought_up_to_date_at", "last_login", "password", "theme", "name_is_split",
    "email_follows_user_name", "returned_licences", "name_order", "managed_by_id", "organization_id", "account_id",
    "id",
}  # fmt: skip
MORE: dict[str, Callable[[Member], object]] = {
    "language": lambda emi: emi.account.prefer(language="ja", by=OPERATOR),
    "time zone of an owner": lambda emi: fresh(emi).account.prefer(time_zone="Asia/Tokyo", by=OPERATOR),
    "name of an owner": lambda emi: owning.change_name(fresh(emi).account, "Emi", by=OPERATOR),
    "address of an owner": lambda emi: owning.change_address(fresh(emi).account, "e@home.example", by=OPERATOR),
    "theme": lambda emi: emi.account.prefer(theme="dark", by=OPERATOR),
    "team": lambda emi: emi.organization.teams.get().add(emi, by=OPERATOR),
    "lock that the IdP confirms": lambda emi: fresh(emi).deactivate(by=idp_actor(emi.organization)),
    "lifted lock": lambda emi: fresh(emi).lift_lock(by=OPERATOR),
    "confirmed twice": lambda emi: _confirm_twice(fresh(emi)),
}


def _confirm_twice(emi: Member) -> None:
    emi.deactivate(by=idp_actor(emi.organization))
    emi.deactivate(by=idp_actor(emi.organization))


VERBS = {name: change.do for name, change in CHANGES.items()} | MORE
FIRST = {name: change.first for name, change in CHANGES.items()}


FIRST |= {name: lambda emi: emi.convert_to_nulab(by=OPERATOR) for name in MORE if name.endswith("of an owner")}
FIRST |= {
    name: lambda emi: emi.deactivate(by=OPERATOR)
    for name in ("lock that the IdP confirms", "lifted lock", "confirmed twice")
}


@pytest.mark.parametrize("name", VERBS)
def test_whatever_a_reader_can_notice_leaves_one_row_wherever_it_is_noticed(
    aozora: Organization, hakata: Organization, emi: Member, name: str
) -> None:
    """And what nobody can notice leaves none. Emi has a place in both organizations."""
    Member.objects.add(hakata, emi.account, role=Role.USER, by=OPERATOR)
    Team.objects.create_team(aozora, "Design", by=OPERATOR)
    FIRST.get(name, fresh)(emi)
    before = {organization: seen(organization, emi) for organization in (aozora, hakata)}
    count = AuditEvent.objects.count()
    told = {organization: len(events(organization)) for organization in (aozora, hakata)}

    VERBS[name](emi)

    for organization, was in before.items():
        rows = len(events(organization)) - told[organization]
        assert rows == (seen(organization, emi) != was), (organization, was, seen(organization, emi))
    assert (AuditEvent.objects.count() == count) == (name == "theme")


def seen(organization: Organization, emi: Member) -> dict[str, Any]:
    """What can be read of her there."""
    place = organization.members.select_related("account", "emergency_lock").filter(account=emi.account_id).first()
    if place is None:
        return {}
    facts = columns(place.account) | columns(place)
    lock = place.lock if place.is_own else None
    facts["lock"] = (lock.at, lock.is_confirmed) if lock else None
    facts["teams"] = list(place.team_memberships.values_list("team__name", flat=True))
    return {name: fact for name, fact in facts.items() if name not in UNSEEN and not name.endswith("_key")}


def test_creating_is_one_row_with_what_was_created(aozora: Organization) -> None:
    count = AuditEvent.objects.count()

    provisioned(aozora, "yuki", role=Role.GUEST)

    assert AuditEvent.objects.count() == count + 1
    assert last_event(aozora).changes == {
        "user_name": ["", "yuki@aozora.example"],
        "email": ["", "yuki@aozora.example"],
        "name": ["", "Yuki Abe"],
        "role": ["", "GUEST"],
        "active": ["", True],
        "licences": [[], ["Nulab Pass"]],
    }


ELSEWHERE: dict[str, tuple[TextChoices, Callable[[Organization], object]]] = {
    "domain added": (Event.DOMAIN_ADDED, lambda org: Domain.objects.add(org, "new.example", by=OPERATOR)),
    "domain removed": (Event.DOMAIN_REMOVED, lambda org: org.domains.get().remove(by=OPERATOR)),
    "subscription": (
        Event.SUBSCRIPTION_CHANGED,
        lambda org: Subscription.objects.buy(org, Product.PASS, 7, by=OPERATOR),
    ),
    "subscription ended": (
        Event.SUBSCRIPTION_ENDED,
        lambda org: org.subscriptions.get(product=Product.CACOO).end(by=OPERATOR),
    ),
    "team": (Event.TEAM_CREATED, lambda org: Team.objects.create_team(org, "Design", by=OPERATOR)),
    "rename": (Event.ORGANIZATION_RENAMED, lambda org: org.rename(name="Nova", by=OPERATOR)),
    "SAML test": (SamlEvent.TESTED, lambda org: SamlSettings.of(org).record_test_result(passed=False, by=OPERATOR)),
    "SAML off": (SamlEvent.DISABLED, lambda org: SamlSettings.of(org).disable(by=OPERATOR)),
}


@pytest.mark.parametrize(("event", "do"), ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_every_change_of_an_organization_is_one_row(
    aozora: Organization, hakata: Organization, event: TextChoices, do: Callable[[Organization], object]
) -> None:
    count, neighbours = AuditEvent.objects.count(), rows_of(hakata)

    do(aozora)

    assert AuditEvent.objects.count() == count + 1
    assert last_event(aozora).event == event
    assert rows_of(hakata) == neighbours


def test_switching_provisioning_and_tokens_is_one_row_each(aozora: Organization, aiko: Member, emi: Member) -> None:
    token, _ = scim_token(aozora)
    count = AuditEvent.objects.count()

    token.change_issuer(emi, by=page_actor(aiko))
    token.change_issuer(emi, by=page_actor(aiko))
    token.revoke(by=page_actor(aiko))
    ProvisioningSettings.of(aozora).disable(by=page_actor(aiko))
    ProvisioningSettings.of(aozora).disable(by=page_actor(aiko))

    written = AuditEvent.objects.order_by("pk")[count:]
    assert [(event.event, event.changes) for event in written] == [
        (ProvisioningEvent.TOKEN_ISSUER_CHANGED, {"issuer": ["Aiko Tanaka", "Emi Ueda"]}),
        (ProvisioningEvent.TOKEN_REVOKED, {}),
        (ProvisioningEvent.DISABLED, {}),
    ]


def test_no_secret_is_ever_in_the_audit_log(aozora: Organization, aiko: Member) -> None:
    _, secret = scim_token(aozora)
    token = ScimToken.objects.get()

    told = str(list(AuditEvent.objects.values()))

    assert token.prefix in told
    assert secret not in told
    assert token.hash not in told
    assert aiko.account.password not in told


# -- who


def test_the_row_says_who_did_it(aozora: Organization, aiko: Member, mia: Member) -> None:
    mia.change_profile({"display_name": "1"}, by=page_actor(aiko))
    by_page = last_event(aozora)
    mia.change_profile({"display_name": "2"}, by=SUPPORT)
    by_support = last_event(aozora)
    mia.change_profile({"display_name": "3"}, by=idp_actor(aozora))
    by_idp = last_event(aozora)

    assert (by_page.operator_name, by_page.operator_email) == ("Aiko Tanaka", "aiko.tanaka@aozora.example")
    assert (by_support.operator_name, by_support.operator_email) == ("Nulab Support", "")
    assert (by_idp.operator_name, by_idp.ip_address) == ("User provisioning", "192.0.2.10")


def test_the_row_outlives_the_people_in_it(aozora: Organization, aiko: Member, emi: Member, mia: Member) -> None:
    mia.change_role(Role.GUEST, by=page_actor(emi))
    emi.remove(by=page_actor(aiko))
    mia.remove(by=page_actor(aiko))

    event = aozora.audit.get(event=Event.ROLE_CHANGED)
    assert (event.operator_name, event.subject) == ("Emi Ueda", "Mia Sato")


# -- what it costs


def statements(do: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        do()
    return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]


def test_creating_takes_at_most_12_statements(aozora: Organization) -> None:
    by = idp_actor(aozora)

    assert len(statements(lambda: managed(aozora, "yuki", by=by, external_id="y-1"))) <= 12


SINGLE: dict[str, Callable[[Member, Any], object]] = {
    "name": lambda kenji, by: kenji.change_profile({"display_name": "K"}, by=by),
    "role": lambda kenji, by: kenji.change_role(Role.GUEST, by=by),
    "Unique ID": lambda kenji, by: kenji.change_unique_id("k2", by=by),
    "externalId": lambda kenji, by: kenji.change_external_id("k-2", by=by),
    "nothing": lambda kenji, by: kenji.change_profile({"display_name": "Kenji Mori"}, by=by),
}


@pytest.mark.parametrize("do", SINGLE.values(), ids=list(SINGLE))
def test_changing_one_field_takes_at_most_8_statements(
    aozora: Organization, kenji: Member, do: Callable[[Member, Any], object]
) -> None:
    by = idp_actor(aozora)

    found = statements(lambda: do(kenji, by))

    assert len(found) <= 8, "\n".join(found)


@pytest.mark.parametrize("people", [1, 30])
def test_a_change_costs_the_same_however_many_the_members(aozora: Organization, kenji: Member, people: int) -> None:
    for number in range(people):
        nulab(aozora, f"n{number}")
    by = idp_actor(aozora)

    assert len(statements(lambda: kenji.deactivate(by=by))) <= 14
