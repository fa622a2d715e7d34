"""The pages of signing in: to the IdP, back from it, and the page of a refusal."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from djangosaml2.views import AssertionConsumerServiceView, MetadataView

from members import actors
from members.console.preferences import allowed_address, safe_next
from members.networks import network_of
from members.single_sign_on import leads_elsewhere
from operations import context
from saml.models import RefusedPosts, SamlSettings, SignInRequest
from saml.models.refused_posts_refusals import TooManyRefused
from saml.models.request_refusals import RequestExpired
from saml.refusals import SignInRefused
from saml.sso import accepting, session, sp_metadata
from saml.sso.accepting import Message, SignIn
from saml.sso.accepting_refusals import NotAtAcs, NotByPost
from saml.sso.refused import count_refusal, record_refusal
from saml.sso.relying_party import relying_party, settings_of
from saml.sso.xmlsec1_refusals import SiteCannotCheck, SiteIsBusy

# Parameters of an answer, by whatever binding (saml-bindings-2.0-os, 3.4 to 3.6).
ANSWER = {"SAMLResponse", "SAMLart"}
# Characters of a mistyped address that are shown and recorded: anybody may post to one of any length.
MAX_SHOWN = 200


@method_decorator(csrf_exempt, name="dispatch")
class Metadata(MetadataView):
    """The SP's metadata, for the IdP to read."""

    def get(self, request: HttpRequest, space_key: str) -> HttpResponse:
        return HttpResponse(sp_metadata.of(self.get_sp_config(request)), content_type="text/xml; charset=utf-8")

    def post(self, request: HttpRequest, space_key: str) -> HttpResponse:
        return misdirected(request, space_key)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, space_key: str) -> HttpResponse:
    """The organization's own sign-in address: straight to its IdP. A response posted here is refused in words."""
    if request.method == "POST":
        return misdirected(request, space_key)
    saml = settings_of(space_key)
    after, is_again = safe_next(request, ""), "again" in request.GET
    user = request.user
    if user.is_authenticated and user.managed_by_id == saml.organization.pk and not is_again:
        return redirect(after or "home")
    try:
        saml.require_open()
    except SignInRefused as refusal:
        return refused(request, refusal)
    return send(request, saml, after=after, is_forced=is_again)


def send(request: HttpRequest, saml: SamlSettings, **wanted: Any) -> HttpResponse:
    """A redirect to the IdP with an AuthnRequest that only this browser can have answered."""
    browser = session.browser_of(request) or session.new_browser()
    network = network_of(actors.client_address(request))
    sent = SignInRequest.make(saml.organization, browser=browser, network=network, **wanted)
    party = relying_party(saml, draft=sent.purpose == SignInRequest.Purpose.TEST)
    response = redirect(party.authn_request(sent.pk, is_forced=sent.is_forced))
    session.remember_browser(response, browser)
    return response


def misdirected(request: HttpRequest, space_key: str) -> HttpResponse:
    """A response that the IdP has posted to another address than the ACS, which refuses it in words."""
    response: HttpResponse = Callback.as_view()(request, space_key=space_key)
    return response


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def no_address(request: HttpRequest, space_key: str, mistyped: str) -> HttpResponse:
    """None of these addresses, such as the ACS with a slash behind it: an answer of the IdP is refused in words."""
    if ANSWER.isdisjoint({*request.GET, *request.POST}):
        raise Http404
    return misdirected(request, space_key)


@method_decorator(never_cache, name="dispatch")
@method_decorator(sensitive_post_parameters("SAMLResponse"), name="dispatch")
class Callback(AssertionConsumerServiceView):
    """The ACS. Each post is a sign-in, a test, or refused in words."""

    def get(self, request: HttpRequest, space_key: str) -> HttpResponse:
        """Somebody has reloaded the page or followed a bookmark, or the IdP answers in a way that was not asked for."""
        if ANSWER.isdisjoint(request.GET):
            return redirect("saml-begin", space_key)
        # Sent back, it would answer in the same way for ever.
        return self.post(request, space_key)

    def post(self, request: HttpRequest, space_key: str) -> HttpResponse:
        saml, message, sent = settings_of(space_key), None, None
        browser = session.browser_of(request)
        try:
            RefusedPosts.require_few(network_of(actors.client_address(request)), saml.organization, browser)
            message = posted(request, saml)
            sent = accepting.request_answered(saml, message, browser)
            if sent and sent.purpose == SignInRequest.Purpose.TEST:
                return tested(request, saml, message, sent)
            who = accepting.sign_in(saml, message, sent)
        except (TooManyRefused, SiteIsBusy, SiteCannotCheck) as unheard:
            return refused(request, unheard)
        except SignInRefused as refusal:
            record_refusal(saml.organization, refusal, message, by=actors.single_sign_on(request))
            count_refusal(request, message)
            return self.handle_acs_failure(request, refusal)
        after = sent.after if sent else allowed_address(request.POST.get("RelayState", ""))
        return let_in(request, who, after, is_expected=sent is not None)

    def handle_acs_failure(self, request: HttpRequest, exception: SignInRefused, **_: Any) -> HttpResponse:
        return refused(request, exception, is_recorded=True)


def posted(request: HttpRequest, saml: SamlSettings) -> Message:
    """The message in the form. Raises NotAtAcs, NotByPost and what `accepting.read` raises."""
    if request.path != reverse("saml-callback", args=[saml.organization.space_key]):
        raise NotAtAcs(url=request.build_absolute_uri(request.path)[:MAX_SHOWN], expected=saml.acs_url)
    if request.method != "POST" or "SAMLart" in request.POST:
        raise NotByPost
    return accepting.read(request.POST.get("SAMLResponse", ""))


def let_in(request: HttpRequest, who: SignIn, after: str, *, is_expected: bool) -> HttpResponse:
    """Start the session, at once if this browser asked; else only if it replaces nobody who is signed in here."""
    is_unclear = session.may_hide_a_session(request) or session.is_somebody_else(request, who.member)
    if is_expected or not is_unclear:
        session.enter(request, who.member, who.at_idp)
        return redirect(after or "home")
    response = redirect("saml-finish", who.member.organization.space_key)
    session.wait(response, who, after)
    return response


@leads_elsewhere
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, space_key: str) -> HttpResponse:
    """The second step of a sign-in from the IdP, in which it shows whether somebody else is signed in here."""
    saml, kept = settings_of(space_key), session.waiting(request)
    try:
        if kept is None:
            raise RequestExpired
        saml.require_open()
        member = accepting.still_welcome(saml, kept["member"])
        if session.is_somebody_else(request, member) and request.method != "POST":
            return render(
                request, "saml/sso/replace_session.html", {"newcomer": member.account, "space_key": space_key}
            )
        at_idp = session.waited_for(kept)
        accepting.use_waiting(saml, kept["once"], session.end_of_waiting())
    except SignInRefused as refusal:
        return refused(request, refusal)
    session.enter(request, member, at_idp)
    response = redirect(kept["after"] or "home")
    session.stop_waiting(response)
    return response


def tested(request: HttpRequest, saml: SamlSettings, message: Message, sent: SignInRequest) -> HttpResponse:
    """The end of Test sign-in: a redirect to its result."""
    assert sent.tester is not None
    by = actors.person(sent.tester, request)
    try:
        accepting.test(saml, message, sent, by=by)
    except SignInRefused as refusal:
        sent.answer(passed=False, name_id=message.name_id, refusal=[refusal.code, refusal.figures])
        saml.record_test_result(passed=False, by=by)
    return redirect(reverse("saml-test-result", args=[saml.organization.space_key, sent.pk]))


def refused(request: HttpRequest, refusal: SignInRefused, *, is_recorded: bool = False) -> HttpResponse:
    context.refused(refusal.code)
    said = {"refusal": refusal, "is_recorded": is_recorded}
    response = render(request, "saml/sso/refused.html", said, status=refusal.status)
    if refusal.wait:
        response["Retry-After"] = str(refusal.wait)
    return response
