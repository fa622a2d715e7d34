"""Records and counts of refused sign-ins."""

from django.http import HttpRequest

from members.actors import Actor, client_address
from members.models import Organization
from members.networks import network_of
from members.sign_in.records import record_refused_at
from saml.events import SamlEvent
from saml.models import RefusedPosts, SignInRequest
from saml.refusals import SignInRefused
from saml.sso import session
from saml.sso.accepting import Message, member_named


def record_refusal(organization: Organization, refusal: SignInRefused, message: Message | None, *, by: Actor) -> None:
    """Record the refusal with the NameID that came, verified or not, and the member whom it names."""
    name_id = message.name_id if message else ""
    member = member_named(organization, name_id) if name_id else None
    changes = {"name_id": [None, name_id]} if name_id else {}
    record_refused_at(organization, SamlEvent.REFUSED, refusal, by=by, member=member, subject=name_id, changes=changes)


def count_refusal(request: HttpRequest, message: Message | None) -> None:
    """Count the refusal towards the limits of its network and browser."""
    is_proven = message is not None and message.is_proven
    RefusedPosts.count(network_of(client_address(request)), is_proven=is_proven)
    if browser := session.browser_of(request):
        SignInRequest.count_try(browser)
