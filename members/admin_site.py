"""The Django admin for support staff, signed in to through the site's own page."""

from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class StaffAdminSite(AdminSite):
    site_header = site_title = _("Nulab Support")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One door for passwords, with one throttle: the sign-in page."""
        query = urlencode({"next": request.GET.get("next", reverse("admin:index"))})
        return redirect(f"{reverse('signin')}?{query}")


class StaffAdminConfig(AdminConfig):
    default_site = "members.admin_site.StaffAdminSite"
