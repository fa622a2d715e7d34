"""The sync activity as a file: the calls that the page was narrowed down to, without what was sent."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from members.console.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.console.spreadsheets import exported
from provisioning.events import ProvisioningEvent
from provisioning.models import SyncActivity
from provisioning.monitoring.activity import NEWEST_FIRST
from provisioning.monitoring.forms import ActivityFilter
from provisioning.templatetags.sync_activity import in_words

BATCH = 2000


@require_POST
@administrators_only
@recent_sign_in
def export(request: OrganizationRequest) -> HttpResponseBase:
    """The CSV file, with the page's filters from the query string."""
    organization = request.organization
    form = ActivityFilter(request.GET, organization=organization)
    calls = organization.sync_activity.all()
    # Bodies are long and not in the file.
    found = form.within(calls).defer("body")
    batches = NEWEST_FIRST.batches(found, BATCH, form.matching(form.alike(calls)))
    event = ProvisioningEvent.ACTIVITY_EXPORTED
    return exported(request, event, "sync-activity", header(), batches, row_of, form.as_changes())


def header() -> list[str]:
    return [
        _("Time"), _("Kind"), _("HTTP method"), _("Path"), _("HTTP status"), _("Milliseconds"), _("Account"), "SCIM id",
        _("What changed"), _("What was ignored"), _("Cause"), _("Reason code"), "X-Request-Id", _("SCIM token"),
    ]  # fmt: skip


def row_of(call: SyncActivity) -> Sequence[Any]:
    changes = map(str, in_words(call.changes))
    return [
        call.at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), call.get_kind_display(), call.method,
        call.path, call.status, call.duration_ms, call.subject, call.subject_id, " · ".join(changes),
        ", ".join(map(str, call.ignored)), call.explanation, call.reason, call.request_id, call.token_prefix,
    ]  # fmt: skip
