"""Puts our site in the place of the Django admin's own; read before there are models."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "members.support.site.SupportSite"
