"""What is good for a short while only, made when it is asked for: a code, a signed response, a cookie that waits."""

from django.http import HttpResponse
from django.utils import timezone

from members.models import Member
from members.models.second_factor import new_secret
from saml.models import SamlSettings
from saml.sso import session
from saml.sso.accepting import SignIn
from saml.sso.claims import IdpSession
from tests.access.things import Things
from tests.cast import code_of
from tests.cast.saml_messages import Message, encode, key_pair, signed

# What everybody's browser is setting up as a second factor.
APP = new_secret()


def of_now(written: str, its: Things) -> Things:
    """The values of those that are named."""
    return {name: make(its) for name, make in MAKERS.items() if f"{{{name}}}" in written}


def _code(its: Things) -> str:
    return code_of(APP)


def _response(its: Things) -> str:
    """For Mia, of a sign-in that began at the IdP."""
    message = Message.for_sp(SamlSettings.of(its["organization"]), f"mia@{its['slug']}.example")
    return encode(signed(message.xml(), "Assertion", by=key_pair(its["slug"])))


def _waiting(its: Things) -> str:
    """The cookie that such a response leaves where somebody is signed in already."""
    response = HttpResponse()
    who = SignIn(Member.objects.get(scim_id=its["mia"]), IdpSession(timezone.now(), None))
    session.wait(response, who, "")
    return response.cookies[session.WAITING_COOKIE].value


MAKERS = {"code": _code, "response": _response, "waiting": _waiting}
