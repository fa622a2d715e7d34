"""The Django admin's site: entered through the site's own sign-in, and with a second factor only."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from members import values
from members.console.preferences import safe_next
from members.models import SecondFactor
from members.sign_in.session import BY_CODE
from members.support import search
from members.support.logs import searched

_gets_and_posts = require_http_methods(["GET", "HEAD", "POST"])


class SupportSite(AdminSite):
    site_header = site_title = _("Nulab Support")

    def get_urls(self) -> list[Any]:
        return [path("find", self.admin_view(self.find), name="find"), *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's pages would take a PUT or DELETE for a GET."""
        return super().admin_view(_gets_and_posts(view), cacheable)

    def find(self, request: HttpRequest) -> HttpResponse:
        """The search page for a text of a customer: a name, an address, an id."""
        words = request.GET.get("q", "").replace("\x00", "").strip()[: values.MAX_FULL_NAME]
        groups = search.found(words) if words else []
        logs = {model._meta.verbose_name_plural: url for model, url in searched(self, words).items()} if words else {}
        own = {"title": gettext("Find"), "words": words, "groups": groups, "logs": logs}
        context = {**self.each_context(request), **own}
        return render(request, "admin/find.html", context)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and request.session.get(BY_CODE) is True

    def password_change(  # type: ignore[override]  # not Django's own page
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The page of one's own password, which uses the verb: throttled and recorded."""
        return redirect("security-password")

    @method_decorator(_gets_and_posts)
    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """A redirect to the sign-in page, the one door for passwords; or to the set-up of the second factor."""
        after = safe_next(request, reverse("admin:index"))
        if self.has_permission(request):
            return redirect(after)
        query = {"next": after}
        if not (request.user.is_authenticated and request.user.is_staff):
            return redirect(f"{reverse('signin')}?{urlencode(query)}")
        if request.user.is_managed:
            raise PermissionDenied(gettext("Support staff need a Nulab Account with a second factor."))
        if SecondFactor.objects.filter(account=request.user).exists():
            return redirect(f"{reverse('signin')}?{urlencode(query | {'again': 1})}")
        return redirect(f"{reverse('security-authenticator')}?{urlencode(query)}")
