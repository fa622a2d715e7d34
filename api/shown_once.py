"""A secret in the Django admin: after it was made, a page of its own shows it once."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from api.record import Recorded
from members.sealing import seal, unseal

# Key in the session: model, row and sealed secret that the next page shows.
MADE = "secret_made"


class ShownOnce(Recorded):
    """Pages of things with a secret. The one that shows it is no answer to a form, which reloading would send again."""

    secret_template = ""
    secret_title: Promise

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.secret_view))
        name = self._page_of("secret").removeprefix("admin:")
        return [path("<path:object_id>/secret/", view, name=name), *super().get_urls()]

    @sensitive_variables("secret")
    def show_once(self, request: HttpRequest, thing: Any, secret: str) -> HttpResponse:
        """The way to the page. The session holds the secret until then, sealed."""
        request.session[MADE] = [self.opts.label, thing.pk, seal(secret)]
        return redirect(self._page_of("secret"), thing.pk)

    @sensitive_variables("secret")
    def secret_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        thing = self.get_object(request, object_id)
        if thing is None:
            raise Http404
        *made, sealed = request.session.pop(MADE, [""])
        secret = unseal(sealed) if made == [self.opts.label, thing.pk] else None
        if secret is None:
            messages.warning(
                request, _("The secret was shown once and cannot be shown again. Make a new one if it is lost.")
            )
            return redirect(self._page_of("change"), thing.pk)
        context = {"opts": self.opts, "title": self.secret_title, "thing": thing, "secret": secret}
        return render(request, self.secret_template, self.admin_site.each_context(request) | context)

    def _page_of(self, name: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}"
