"""The Django admin for support staff: the same rules, the same verbs."""

from django.contrib import admin
from django.contrib.auth.models import Group

from members.support import accounts, deleted, mails, organizations, records

__all__ = ["accounts", "deleted", "mails", "organizations", "records"]

# Being support staff is the only permission, so there is nothing to group.
admin.site.unregister(Group)
