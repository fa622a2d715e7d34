"""Labels for columns in the Django admin that have none of their own.

A label beside the model would take a migration, and every model would name the same column again.
"""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

COLUMNS: dict[str, Any] = {
    "accepts_unsolicited": _("accepts sign-in that starts at the IdP"),
    "account": _("account"),
    "added_at": _("added"),
    "at": _("time"),
    "body": _("what was sent"),
    "brought_up_to_date_at": _("brought up to date"),
    "created_at": _("created"),
    "draft_entity_id": _("proposed IdP Entity ID"),
    "draft_sso_url": _("proposed IdP Endpoint URL"),
    "duration_ms": _("milliseconds"),
    "enabled_at": _("enabled since"),
    "ended_at": _("ended"),
    "endpoint": _("endpoint of events"),
    "event": _("event"),
    "external_id": "externalId",
    "ignored": _("what was ignored"),
    "ip_address": _("IP address"),
    "issuer": _("token issuer"),
    "kind": _("kind"),
    "managed_by": _("managed by"),
    "member": _("member"),
    "method": _("method"),
    "modified_at": _("last change"),
    "operator_id": _("operator's ID"),
    "organization": _("organization"),
    "path": _("path"),
    "reason": _("code of the refusal"),
    "request_id": "X-Request-Id",
    "returned": _("licences given back by inactive accounts"),
    "scim_id": "SCIM id",
    "status": _("status"),
    "subject": _("subject"),
    "subject_id": _("subject's SCIM id"),
    "tested_at": _("test sign-in passed"),
    "token_prefix": _("token"),
    "user_agent": _("user agent"),
    "verified_at": _("verified"),
    "version": _("version"),
}


def name_columns(model: type[Model]) -> None:
    """Migrations keep to what the model says itself: they look at another attribute."""
    for field in model._meta.fields:
        if field.name in COLUMNS and field.verbose_name == field.name.replace("_", " "):
            field.verbose_name = COLUMNS[field.name]
