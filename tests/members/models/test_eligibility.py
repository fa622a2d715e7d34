"""What is said of one member and what is asked of the database are the same rules."""

import datetime
from itertools import product
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from members.keys import domain_of
from members.models import Account, Member, Organization, standing
from members.models.account import UP_TO_DATE_SINCE
from members.models.member.eligibility import UP_TO_DATE, eligible
from members.models.member.refusals import NeedsUpdate
from members.models.standing import accounts_by_domain, of_type
from provisioning.matching.review import (
    State,
    by_type_and_state,
    in_state,
    needs_update,
    state_of,
    with_state,
    with_update_needed,
)
from tests.cast import OPERATOR

BEFORE = UP_TO_DATE_SINCE - datetime.timedelta(microseconds=1)
DAYS = [(UP_TO_DATE_SINCE, None), (BEFORE, None), (BEFORE, timezone.now())]
KEEPERS = [
    (Account.Type.NULAB, None), (Account.Type.MANAGED, "here"), (Account.Type.PROVISIONED, "here"),
    (Account.Type.MANAGED, "elsewhere"), (Account.Type.PROVISIONED, "elsewhere"),
]  # fmt: skip
# Verified or not, below a verified one, ending like one, in another case, no address at all.
ENDINGS = ["@aozora.example", "@AOZORA.example", "@other.example", "@x.aozora.example", "@notaozora.example", "", "@"]


def everybody(organization: Organization, neighbour: Organization) -> list[Member]:
    """A member of each kind."""
    accounts, members = [], []
    kinds = enumerate(product(KEEPERS, DAYS, ENDINGS, ENDINGS))
    for number, ((kind, keeper), (created_at, updated_at), user_name, email) in kinds:
        managed_by = {"here": organization, "elsewhere": neighbour, None: None}[keeper]
        account = Account(
            type=kind, managed_by=managed_by, user_name=f"u{number}{user_name}", email=email and f"e{number}{email}",
            created_at=created_at, brought_up_to_date_at=updated_at, language="en", password="!",
            scope=managed_by.scope if managed_by else 0,
        )  # fmt: skip
        account.name_yourself()
        member = Member(organization=organization, account=account, unique_id=f"u{number}", unique_id_key=f"u{number}")
        member.copy_from_account()
        accounts.append(account)
        members.append(member)
    Account.objects.bulk_create(accounts)
    Member.objects.bulk_create(members)
    return members


def both_addresses(member: Member) -> tuple[str, str]:
    return member.account.user_name, member.account.email


@pytest.mark.parametrize("is_sandbox", [False, True])
@pytest.mark.parametrize("domains", [{"aozora.example"}, {"aozora.example", "x.aozora.example"}, set()])
@pytest.mark.parametrize("few", [0, 1000])
def test_the_database_finds_those_whom_the_rules_name(
    hakata: Organization, is_sandbox: bool, domains: set[str], few: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(standing, "FEW", few)
    organization = Organization.objects.register(name="Kita", slug="kita", is_sandbox=is_sandbox, by=OPERATOR)
    members = everybody(organization, hakata)

    numbers = by_type_and_state(organization, domains)

    def pks(rows: QuerySet[Member]) -> set[int]:
        return set(rows.values_list("pk", flat=True))

    def found(condition: Any) -> set[int]:
        return pks(organization.members.filter(condition))

    assert found(eligible(organization, domains)) == {one.pk for one in members if not one.ineligibility(domains)}
    assert found(UP_TO_DATE) == {one.pk for one in members if one.account.is_up_to_date}
    for state in State:
        named = {one.pk for one in members if state_of(one, domains) is state}
        assert found(in_state(state, organization, domains)) == named
        assert pks(with_state(organization.members.all(), state, organization, domains)) == named
        assert numbers[f"in_{state.name}"] == len(named)
    outdated = {one.pk for one in members if isinstance(one.ineligibility(domains), NeedsUpdate)}
    assert found(needs_update(organization)) == pks(with_update_needed(organization)) == outdated
    assert numbers["outdated"] == len(outdated)
    for kind in Account.Type:
        named = {one.pk for one in members if one.account.type == kind}
        assert pks(of_type(organization.members.all(), organization, kind)) == named
        assert numbers[kind] == len(named)
    within = [one for one in members if one.is_own and {*map(domain_of, both_addresses(one))} & {"aozora.example"}]
    assert accounts_by_domain(organization)["aozora.example"] == len(within)
