"""Signing in through an identity provider in a process of its own, which knows the site by its metadata only."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from saml.models import SamlSettings
from tests.cast import address_at
from tests.cast.saml_idp import Answer, IdpProcess
from tests.cast.sso import callback, is_in, signed_in_as, why_refused


@pytest.fixture
def saml(saml_idp: IdpProcess, client: Client, aozora: Organization, settings: Any) -> SamlSettings:
    """Aozora and the identity provider know each other."""
    settings.DEBUG = True  # a program of this machine may be an identity provider
    saml = saml_idp.trusted_by(SamlSettings.of(aozora))
    saml_idp.register(client.get(reverse("saml-metadata", args=[aozora.space_key])).content)
    return saml


def send(client: Client, saml: SamlSettings, answer: Answer) -> Any:
    assert answer.action == saml.acs_url
    return client.post(callback(saml), answer.fields)


def begin(client: Client, saml: SamlSettings, **query: str) -> str:
    location: str = client.get(reverse("saml-begin", args=[saml.organization.space_key]), query)["Location"]
    return location


@pytest.mark.parametrize("signs", ["assertion", "response", "both"])
def test_a_person_signs_in_with_the_organizations_link(
    client: Client, saml: SamlSettings, saml_idp: IdpProcess, kenji: Member, signs: str
) -> None:
    answer = saml_idp.answer(begin(client, saml, next="/profile"), person=kenji.account.email, signs=signs)

    assert send(client, saml, answer)["Location"] == "/profile"
    assert is_in(client, kenji)


def test_a_person_signs_in_from_the_sign_in_page(
    client: Client, saml: SamlSettings, saml_idp: IdpProcess, kenji: Member
) -> None:
    link = client.post(reverse("signin"), {"identifier": kenji.account.email})["Location"]
    answer = saml_idp.answer(client.get(link)["Location"], person=kenji.account.email)

    send(client, saml, answer)

    assert is_in(client, kenji)


def test_a_person_signs_in_from_the_identity_provider(
    client: Client, saml: SamlSettings, saml_idp: IdpProcess, kenji: Member
) -> None:
    answer = saml_idp.begin(saml.sp_entity_id, person=kenji.account.email, relay_state="/profile")

    assert send(client, saml, answer)["Location"] == "/profile"
    assert is_in(client, kenji)


@pytest.mark.parametrize("signs", ["assertion", "response", "both"])
def test_an_assertion_may_be_encrypted_with_the_key_of_the_metadata(
    client: Client, saml: SamlSettings, saml_idp: IdpProcess, kenji: Member, signs: str
) -> None:
    answer = saml_idp.answer(begin(client, saml), person=kenji.account.email, signs=signs, encrypts="1")

    send(client, saml, answer)

    assert is_in(client, kenji)


def test_deactivation_ends_the_session_and_the_next_sign_in_is_refused(
    client: Client, saml: SamlSettings, saml_idp: IdpProcess, kenji: Member, operator: Any
) -> None:
    send(client, saml, saml_idp.answer(begin(client, saml), person=kenji.account.email))
    was_in = is_in(client, kenji)

    kenji.deactivate(by=operator)
    is_out = signed_in_as(client) is None
    again = send(client, saml, saml_idp.answer(begin(client, saml), person=kenji.account.email))

    assert was_in
    assert is_out
    assert again.status_code == 403
    assert why_refused(saml.organization) == "saml_account_inactive"


def test_an_answer_for_aozora_opens_no_neighbours_door(
    client: Client, saml: SamlSettings, saml_idp: IdpProcess, kenji: Member, hakata: Organization
) -> None:
    """Also where both trust the same identity provider, and the neighbour has a person of that name."""
    neighbour = saml_idp.trusted_by(SamlSettings.of(hakata))
    answer = saml_idp.begin(saml.sp_entity_id, person=address_at(hakata, "kenji"))

    refused = client.post(callback(neighbour), answer.fields)

    assert refused.status_code == 403
    assert signed_in_as(client) is None
    assert why_refused(hakata) == "saml_wrong_destination"
