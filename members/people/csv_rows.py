"""The list of members as a file for spreadsheets."""

import datetime
from collections.abc import Iterator
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.models import Member
from operations import replica

BATCH = 1000


def header() -> list[str]:
    """The first six are what Create from CSV takes. The moments are in the reader's time zone, which is named here."""
    created, synchronized = (
        f"{name} ({timezone.get_current_timezone_name()})" for name in (_("Created"), _("Last sync"))
    )
    return [
        _("Email"), _("Name"), _("Unique ID"), _("Language"), _("Role"), _("Teams"), _("Sign-in address"),
        _("Status"), _("Account type"), _("Licences"), created, synchronized, "SCIM id", "externalId",
    ]  # fmt: skip


def batches(members: QuerySet[Member]) -> Iterator[list[Member]]:
    """The rows in the order of joining, each batch found from the end of the one before.

    They come from a replica once it has what is there now.
    """
    after, since = 0, replica.position()
    wanted = (
        members.select_related("account", "synchronization").prefetch_related("team_memberships__team").order_by("pk")
    )
    while batch := replica.read(partial(_batch, wanted, after), since):
        yield batch
        after = batch[-1].pk


def _batch(members: QuerySet[Member], after: int) -> list[Member]:
    return list(members.filter(pk__gt=after)[:BATCH])


def row_of(member: Member) -> list[str]:
    account = member.account
    return [
        account.email, account.name, member.unique_id, account.language, member.get_role_display(),
        "; ".join(sorted(membership.team.name for membership in member.team_memberships.all())), account.user_name,
        _("Active") if account.is_active else _("Inactive"), account.get_type_display(),
        "; ".join(product.label for product in member.licences), _moment(member.created_at),
        _moment(member.synchronized_at) if member.synchronized_at else "", member.scim_id, member.external_id or "",
    ]  # fmt: skip


def _moment(moment: datetime.datetime) -> str:
    return date_format(timezone.localtime(moment), "Y-m-d H:i:s")
