"""The Django admin for support staff, signed in to through the site's own page."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class StaffAdminSite(AdminSite):
    site_header = site_title = _("Nulab Support")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One door for passwords, with one throttle: the sign-in page."""
        return redirect("signin")


class StaffAdminConfig(AdminConfig):
    default_site = "members.admin_site.StaffAdminSite"
