"""Sign-ins that were refused, for the administrator who is asked why."""

import datetime
import logging
from typing import Any

from django.utils import timezone

from members.actors import Actor
from members.models import AuditEvent, Event, Organization, audit
from saml.sign_in_refusals import SignInRefused
from saml.sso.accepting import Message

# Anybody may post to the ACS: a flood must not bury the audit log.
MOST = 500
WITHIN = datetime.timedelta(minutes=10)
logger = logging.getLogger(__name__)


def record_refusal(organization: Organization, refusal: SignInRefused, message: Message | None, *, by: Actor) -> None:
    """With the NameID that came, whatever it is worth. Beyond MOST in WITHIN only the log of the server has it."""
    lately = AuditEvent.objects.filter(
        organization=organization, at__gt=timezone.now() - WITHIN, event=Event.SAML_REFUSED
    )
    if lately[MOST - 1 : MOST].exists():
        logger.warning("SAML sign-in at %s refused: %s", organization.slug, refusal.code)
        return
    name_id = message.name_id if message else ""
    changes: dict[str, list[Any]] = {
        "refusal": [refusal.code, refusal.figures],
        **({"name_id": [None, name_id]} if name_id else {}),
    }
    audit.record(Event.SAML_REFUSED, organization, by=by, subject=name_id, changes=changes)
