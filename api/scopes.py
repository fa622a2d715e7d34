"""Scopes: the kinds of questions that a key may ask."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    ACCESS = "access", _("Ask who may use the app, and sign people in to it")
    ORGANIZATIONS = "organizations.read", _("Read organizations")
    MEMBERS = "members.read", _("Read members")
    TEAMS = "teams.read", _("Read teams")
    LICENCES = "licences.read", _("Read licences")
    HEALTH = "health.read", _("Read the state of user provisioning")
    EVENTS = "events.read", _("Read events")


ALL = frozenset(Scope.values)
# A personal access token reads everything of its organization.
OF_PERSONAL_TOKENS = ALL


def scopes_in(written: str) -> frozenset[str]:
    """The scopes in a column, where blanks are between them; without those that there are no more."""
    return ALL.intersection(written.split())


def written(scopes: "frozenset[str] | list[str]") -> str:
    """The scopes as a column holds them, in the order in which they are listed."""
    return " ".join(scope for scope in Scope.values if scope in scopes)
