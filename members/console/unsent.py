"""A form that came when the recent sign-in had expired: kept in the session, and filled in again after signing in.

Passwords, other secrets and files are not kept, and the page says so.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from members.console.filling import fill
from members.sealing import seal, unseal
from members.sessions import SIGNED_IN_AT

KEPT, TOKEN = "unsent", "csrfmiddlewaretoken"
SECONDS = 30 * 60
# A longer form is not kept: the session is read with every request.
MAX_CHARACTERS = 100_000


def keep(request: HttpRequest, page: str) -> None:
    """Keep the typed values for the page on which the form stood; sealed, so that the database does not show them."""
    typed = request.POST.keys() - {TOKEN}
    fields = {name: request.POST.getlist(name) for name in typed - _secrets(request)}
    content = seal(json.dumps(fields))
    if len(content) > MAX_CHARACTERS:
        fields, content = {}, seal("{}")
    is_whole = fields.keys() == typed and not request.FILES
    if typed or request.FILES:
        kept = {"page": page, "action": request.path, "fields": content, "is_whole": is_whole, "at": time.time()}
        request.session[KEPT] = kept


def _secrets(request: Any) -> set[str]:
    """The fields whose view has declared them sensitive, which is what Django keeps out of its reports."""
    declared = getattr(request, "sensitive_post_parameters", [])
    return set(request.POST) if declared == "__ALL__" else set(declared)


class UnsentFormMiddleware:
    """Fills the form of the page in, once, after its reader has signed in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        kept = _waiting(request)
        if kept is None:
            return self.get_response(request)
        _tell(request, kept)
        response = self.get_response(request)
        fields = unseal(kept["fields"])
        if response.status_code == 200 and isinstance(response, HttpResponse) and fields:
            page = response.content.decode(response.charset)
            response.content = fill(page, kept["action"], json.loads(fields), at=request.path)
        return response


def _waiting(request: HttpRequest) -> dict[str, Any] | None:
    """The values kept for this page, taken out of the session."""
    if request.method != "GET" or KEPT not in request.session:
        return None
    kept: dict[str, Any] = request.session[KEPT]
    if kept["page"] != request.get_full_path() or request.session.get(SIGNED_IN_AT, 0) < kept["at"]:
        return None
    del request.session[KEPT]
    return kept if time.time() - kept["at"] < SECONDS else None


def _tell(request: HttpRequest, kept: dict[str, Any]) -> None:
    text = _("You have signed in again. Nothing has been sent yet: check the form, then send it.")
    if not kept["is_whole"]:
        text += " " + _("Passwords, secrets and files are not kept, so enter those again.")
    messages.info(request, text)
