"""The pages that create Managed Accounts: one by a form, up to a hundred from a file."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.console.pages import (
    OrganizationRequest,
    administrators_only,
    mending,
    require_recent_sign_in_for,
    with_link,
)
from members.console.spreadsheets import download
from members.models import Role, TeamRule, welcome
from members.newcomers import file
from members.newcomers.check import missing_licences, newcomers_of
from members.newcomers.forms import NewcomerForm, PeopleFileForm
from members.refusals import Refusal

ERRORS_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def create(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    language = request.member.account.language
    form = NewcomerForm(request.POST or None, organization=organization, initial={"language": language})
    if request.method == "POST" and form.is_valid():
        newcomer = form.newcomer()
        require_recent_sign_in_for(request, newcomer.role, *TeamRule.objects.given_by(newcomer.teams))
        try:
            (member,) = welcome(organization, [newcomer], by=request.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _told_of_one(request) % {"member": member.account.name})
            return redirect("member", organization.space_key, member.scim_id)
    shortage = missing_licences(organization, 1)
    context = {
        "form": form,
        "shortage": shortage,
        "mending": mending(shortage, organization),
        "has_domain": _has_domain(request),
    }
    return render(request, "members/newcomers/member_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def upload(request: OrganizationRequest) -> HttpResponse:
    form = PeopleFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = file.decoded(form.cleaned_data["file"].read())
            plan = Plan(found.text, request)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return _preview(request, plan, found.guess)
    shortage = missing_licences(request.organization, 1)
    context = {
        "form": form,
        "most": file.MAX_ROWS,
        "shortage": shortage,
        "mending": mending(shortage, request.organization),
        "has_domain": _has_domain(request),
    }
    return render(request, "members/newcomers/people_upload.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("content")
@require_POST
@administrators_only
def confirm(request: OrganizationRequest) -> HttpResponse:
    """Create the accounts of the preview, which comes back with the form; all of them or none."""
    try:
        plan = Plan(request.POST.get("content", ""), request)
        if plan.errors or plan.shortage:
            return _preview(request, plan)
        teams = {team for newcomer in plan.newcomers for team in newcomer.teams}
        given = TeamRule.objects.given_by(teams)
        require_recent_sign_in_for(request, *(newcomer.role for newcomer in plan.newcomers), *given)
        members = welcome(request.organization, plan.newcomers, by=request.actor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("members-import", request.organization.space_key)
    created = ngettext("%(count)s account is created.", "%(count)s accounts are created.", len(members))
    messages.success(request, created % {"count": localize(len(members))})
    return redirect("members", request.organization.space_key)


@require_safe
@administrators_only
def template(request: OrganizationRequest) -> HttpResponseBase:
    """The CSV template: the header and one example."""
    domain = min(request.organization.verified_domains(), default="example.com")
    language, role = request.member.account.language, str(Role.USER.label)
    example = [f"hanako.sato@{domain}", _("Hanako Sato"), "hanako", language, role, ""]
    header = [str(file.LABELS[column]) for column in file.COLUMNS]
    return download("members", header, [[example]], lambda row: row)


class Plan:
    """A file, the accounts it would create, and the refusals. Raises those of reading the file."""

    def __init__(self, text: str, request: OrganizationRequest) -> None:
        self.file = file.read(text)
        self.newcomers = newcomers_of(self.file, request.organization, language=request.member.account.language)
        self.errors = sum(len(refusals) for row in self.file.rows for refusals in row.errors.values())
        self.shortage = missing_licences(request.organization, len(self.newcomers))


def _preview(request: OrganizationRequest, plan: Plan, encoding: str = "") -> HttpResponse:
    """The accounts before they are created; `encoding` is that of the file where it was guessed."""
    columns = plan.file.columns
    context = {
        "file": plan.file,
        "encoding": encoding,
        "labels": [file.LABELS[column] for column in columns],
        "rows": [{"number": row.number, "cells": _cells(request, columns, row)} for row in plan.file.rows],
        "wrong": plan.errors,
        "shortage": plan.shortage,
        "mending": mending(plan.shortage, request.organization),
    }
    is_wrong = plan.errors or plan.shortage
    return render(request, "members/newcomers/people_preview.html", context, status=422 if is_wrong else 200)


def _cells(request: OrganizationRequest, columns: list[str], row: file.Row) -> list[dict[str, Any]]:
    """The cells of a row, each with its first refusals and the number of the others."""
    cells = []
    for column in columns:
        errors = row.errors.get(column, [])
        shown = [with_link(error, request.organization) for error in errors[:ERRORS_SHOWN]]
        more = len(errors) - len(shown)
        cells.append({"label": file.LABELS[column], "text": row.cells[column], "errors": shown, "more": more})
    return cells


def _has_domain(request: OrganizationRequest) -> bool:
    return request.organization.is_sandbox or bool(request.organization.verified_domains())


def _told_of_one(request: OrganizationRequest) -> str:
    if request.organization.is_sandbox:
        return _("%(member)s's account is created.")
    return _("%(member)s's account is created, and an email explains how to sign in.")
