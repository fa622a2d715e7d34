"""A deleted Managed Account, kept aside for 30 days.

The live tables hold living accounts only, so no list, filter or sign-in can forget to
leave the deleted ones out. The snapshot is what restoring needs.
"""

import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import values
from members.models.organization import Organization
from members.pruning import delete_in_steps

KEPT_FOR = datetime.timedelta(days=30)


class DeletedAccount(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="deleted_accounts")
    scim_id = models.CharField(max_length=36, unique=True)
    user_name = models.CharField(_("user name"), max_length=values.MAX_TEXT)
    name = models.CharField(_("name"), max_length=values.MAX_FULL_NAME)
    deleted_at = models.DateTimeField(_("deleted"), default=timezone.now, db_index=True)
    # {"account": {column: value}, "member": {column: value}, "lock": {column: value} or None, "teams": [pk]}
    snapshot = models.JSONField()

    class Meta:
        verbose_name = _("deleted account")
        verbose_name_plural = _("deleted accounts")

    def __str__(self) -> str:
        return f"{self.name} ({self.user_name})"

    @staticmethod
    def purge() -> int:
        """Forget for good what was deleted more than 30 days ago."""
        return delete_in_steps(DeletedAccount.objects.filter(deleted_at__lt=timezone.now() - KEPT_FOR))
