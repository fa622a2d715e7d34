"""The General page: the organization's name and ID."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.console.pages import OrganizationRequest, administrators_only, with_link
from members.organization.forms import OrganizationIdForm, OrganizationNameForm
from members.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def general(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    data = request.POST if request.method == "POST" else None
    form = OrganizationNameForm(data, initial={"name": organization.name})
    if form.is_valid():
        try:
            organization.rename(name=form.cleaned_data["name"], by=request.actor)
        except Refusal as refusal:
            form.add_error("name", refusal.to_typist)
        else:
            messages.success(request, _("The name is saved."))
            return redirect("general", organization.space_key)
    former = organization.used_ids.exclude(slug=organization.slug).order_by("slug").values_list("slug", flat=True)
    return render(
        request,
        "members/organization/general.html",
        {"form": form, "former": former},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def change_id(request: OrganizationRequest) -> HttpResponse:
    form = OrganizationIdForm(request.POST if request.method == "POST" else None, request.organization)
    if form.is_valid():
        try:
            request.organization.rename(slug=form.cleaned_data["slug"], by=request.actor)
        except Refusal as refusal:
            form.add_error("slug", with_link(refusal, request.organization))
        else:
            messages.success(request, _("The organization ID is “%(slug)s” now.") % {"slug": request.organization.slug})
            return redirect("general", request.organization.space_key)
    return render(request, "members/organization/general_id.html", {"form": form}, status=422 if form.errors else 200)
