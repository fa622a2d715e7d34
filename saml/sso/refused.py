"""Sign-ins that were refused, for the administrator who is asked why."""

from members.actors import Actor
from members.models import Event, Organization
from members.sign_ins import record_refused_at
from saml.sign_in_refusals import SignInRefused
from saml.sso.accepting import Message


def record_refusal(organization: Organization, refusal: SignInRefused, message: Message | None, *, by: Actor) -> None:
    """With the NameID that came, whatever it is worth."""
    name_id = message.name_id if message else ""
    changes = {"name_id": [None, name_id]} if name_id else {}
    record_refused_at(organization, Event.SAML_REFUSED, refusal, by=by, subject=name_id, changes=changes)
