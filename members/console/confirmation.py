"""The confirmation ladder's page: a question, its consequences, one verb, and where it leads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from members.console.privacy import leave_nothing
from members.refusals import Refusal
from members.texts import Text


@dataclass(frozen=True)
class Confirmation:
    """The content of members/console/confirm.html. `word`, where given, has to be typed."""

    title: Text
    verb: Text
    back: str
    lead: Text = ""
    consequences: Iterable[Text] = field(default_factory=list)
    word: str = ""
    cancel: Text = ""
    tone: str = "danger"
    success: Text = ""
    # Reason for which it would be refused as things stand; asked when the question is shown.
    objection: Callable[[], Refusal | None] = lambda: None
    # Page after success, where the one before is gone by then.
    after: str = ""


def confirm(request: HttpRequest, question: Confirmation, act: Callable[[], object]) -> HttpResponse:
    """Ask on GET, act on POST; a refusal stands on the page that asked."""
    if request.method != "POST":
        return _ask(request, question)
    if question.word and request.POST.get("confirmation", "").strip() != question.word:
        return _ask(
            request,
            question,
            error=_("This does not match “%(word)s”. Type it exactly as shown.") % {"word": question.word},
        )
    try:
        act()
    except Refusal as refusal:
        return _ask(request, question, refusal=refusal)
    response = redirect(question.after or question.back)
    # A session may be gone: people who deactivate or remove themselves have none that could keep a message.
    if not request.session.exists(request.session.session_key or ""):
        logout(request)
        leave_nothing(request, response)
    if question.success:
        messages.success(request, str(question.success))
    return response


def _ask(
    request: HttpRequest, question: Confirmation, *, error: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    objection = question.objection()
    context = {
        "title": question.title,
        "verb": question.verb,
        "action": request.path,
        "cancel_url": question.back,
        "lead": question.lead,
        "consequences": question.consequences,
        "word": question.word,
        "cancel": question.cancel,
        "tone": question.tone,
        "error": error,
        "refusal": refusal or objection,
        # No button for what would be refused in any case.
        "is_offered": objection is None,
    }
    return render(request, "members/console/confirm.html", context, status=409 if refusal else 422 if error else 200)
