"""Whole-database comparisons: what a refusal must leave alone, and what a change must write."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps

from members.models import AuditEvent, Member, Organization
from members.refusals import Refusal

Rows = dict[str, list[dict[str, Any]]]
# Counts what was tried, also what is refused.
ATTEMPTS = {"DomainLookup"}


def rows(names: Container[str] | None = None) -> Rows:
    """Every row of the site's own tables, or of the models that are named."""
    own = [
        model for name in ("members", "saml", "provisioning", "api") for model in apps.get_app_config(name).get_models()
    ]
    return {
        model.__name__: list(model._base_manager.order_by("pk").values())
        for model in own
        if model.__name__ not in ATTEMPTS and (names is None or model.__name__ in names)
    }


def rows_of(organization: Organization) -> Rows:
    """What another organization's change must leave alone: these rows, those of the accounts included."""
    found = rows()
    mine = {
        name: [row for row in table if row.get("organization_id") == organization.pk] for name, table in found.items()
    }
    accounts = {row["account_id"] for row in mine["Member"]}
    mine["Account"] = [row for row in found["Account"] if row["id"] in accounts]
    return mine


@contextmanager
def unchanged() -> Iterator[None]:
    before = rows()
    yield
    assert rows() == before


@contextmanager
def refused(kind: type[Refusal], *words: str) -> Iterator[None]:
    """The refusal is raised, its sentence names these, and not a row is different afterwards."""
    before = rows()
    with pytest.raises(kind) as caught:
        yield
    assert rows() == before
    sentence = str(caught.value)
    assert all(word in sentence for word in words), sentence


def events(organization: Organization) -> list[str]:
    return list(organization.audit.order_by("pk").values_list("event", flat=True))


def last_event(organization: Organization) -> AuditEvent:
    return organization.audit.order_by("-pk")[0]


def fresh(member: Member) -> Member:
    """The member as the database has it now."""
    return Member.objects.select_related("account", "organization").get(pk=member.pk)
