"""The pages of the audit log."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from members.console.pages import OrganizationRequest, audit_log_admins_too, recent_sign_in
from members.console.spreadsheets import exported
from members.log import listing as audit_log
from members.log.listing import AuditLogFilter
from members.models import Event
from operations.replica import list_page

EXPORT_BATCH = 2000


@require_safe
@audit_log_admins_too
@list_page
def overview(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    form = AuditLogFilter(request.GET, organization=organization)
    page = audit_log.page(organization.audit.all(), form, request.GET.get("after", "")) if form.is_valid() else None
    subjects = {line.event.subject_id for line in page.lines} - {""} if page else set()
    context = {
        "form": form,
        "page": page,
        "is_narrowed": bool(form.errors) or any(form.cleaned_data.values()),
        # Links to members who are still there; only administrators may open their pages.
        "members": set(organization.members.filter(scim_id__in=subjects).values_list("scim_id", flat=True))
        if request.member.is_administrator
        else set(),
    }
    return render(request, "members/log/audit_log.html", context, status=422 if form.errors else 200)


@require_POST
@audit_log_admins_too
@recent_sign_in
def export(request: OrganizationRequest) -> HttpResponseBase:
    """The CSV file, with the page's filters from the query string."""
    organization = request.organization
    form = AuditLogFilter(request.GET, organization=organization)
    if not form.is_valid():
        return redirect(f"{reverse('audit-log', args=[organization.space_key])}?{request.GET.urlencode()}")
    events = form.within(organization.audit.all())
    return exported(
        request,
        Event.AUDIT_LOG_EXPORTED,
        "auditlog",
        audit_log.COLUMNS,
        audit_log.NEWEST_FIRST.batches(events, EXPORT_BATCH, form.matching()),
        lambda event: audit_log.row_of(organization.space_key, event),
        form.as_changes(),
    )
