"""The page of a change to several members: a dry run first, then what it showed and nothing else.

The members stand in the query string, so that the page that asks, its answer and an Undo name them the same way, with
or without JavaScript.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.console.pages import OrganizationRequest, mending
from members.models import Member
from members.people.bulk import MAX_MEMBERS, Outcome, each, picked, require_another
from members.people.dry_run import Act, Expected, Part, as_shown, counts, dry_run
from members.refusals import Refusal
from members.texts import Text

NOTHING, NOBODY = gettext_lazy("Nothing would change"), gettext_lazy("No members selected")


@dataclass(frozen=True)
class Consequences:
    """The consequences for some or all of the members, under a heading where they differ."""

    sentences: Sequence[Text]
    heading: str = ""


@dataclass(frozen=True)
class Origin:
    """The list in which the members were ticked."""

    url: str
    name: Text


@dataclass(frozen=True)
class BulkChange:
    """The change of one page. `question` and `success` take a number of members."""

    verb: Text
    act: Act
    question: Callable[[int], str]
    success: Callable[[int], str]
    origin: Origin
    # Headings where none of the ticked members would change, and where none can be changed.
    nobody: Text = NOTHING
    unselected: Text = NOBODY
    lead: Text = ""
    consequences: Callable[[list[Member]], Iterable[Consequences]] = lambda _members: ()
    tone: str = "primary"
    # Word that has to be typed, if any.
    word: str = ""
    undo: Callable[[Outcome], str] = lambda _outcome: ""
    # Page on which another role or product is chosen.
    another_url: str = ""


def ticked(request: OrganizationRequest) -> list[Member]:
    return picked(request.organization, request.GET.getlist("member"))


def answer(request: OrganizationRequest, members: list[Member], change: BulkChange) -> HttpResponse:
    """The dry run on GET. On POST the change as it was shown, or as the form says if none was shown (Undo)."""
    if not members and not request.POST.getlist("shown"):
        return nobody(request, change.verb, change.origin, change.unselected)
    typed = request.POST.get("confirmation", "").strip()
    if request.method != "POST":
        return _show(request, members, change)
    if change.word and typed != change.word:
        return _show(
            request,
            members,
            change,
            _("This does not match “%(word)s”. Type it exactly as shown.") % {"word": change.word},
        )
    return _apply(request, members, change)


def choose(
    request: OrganizationRequest, members: list[Member], form: forms.Form, title: str, verb: Text, origin: Origin
) -> HttpResponse:
    """The page that asks which role or product; the dry run comes next."""
    if not members:
        return nobody(request, verb, origin, NOBODY)
    context = {"members": members, "form": form, "title": title, "verb": verb, "origin": origin}
    return render(request, "members/people/bulk_choose.html", context, status=422 if form.errors else 200)


def nobody(request: OrganizationRequest, verb: Text, origin: Origin, unselected: Text) -> HttpResponse:
    context = {"verb": verb, "origin": origin, "unselected": unselected}
    return render(request, "members/people/bulk_nobody.html", context)


def tell(
    request: OrganizationRequest, outcome: Outcome, sentence: str, origin: Origin, undo: str = "", gone: int = 0
) -> HttpResponse:
    """Back to the list where all went well; else a page with the refused members and the reasons."""
    if outcome.done or not (outcome.refused or gone):
        messages.success(request, sentence if outcome.done else _("Nothing has changed."), undo)
    if not outcome.refused and not gone:
        return redirect(origin.url)
    context = {"refused": _refused(request, outcome.refused), "gone": gone, "origin": origin}
    return render(request, "members/people/bulk_refused.html", context)


def another(act: Act, request: OrganizationRequest) -> Act:
    """The act, refused of the actor: nobody does it to themselves among others."""

    def acted(member: Member) -> None:
        require_another(member, request.member)
        act(member)

    return acted


def _show(request: OrganizationRequest, members: list[Member], change: BulkChange, error: str = "") -> HttpResponse:
    expected = dry_run(members, change.act)
    parts: dict[Part, list[Expected]] = {part: [one for one in expected if one.part == part] for part in Part}
    changed = [one.member for one in parts[Part.CHANGED]]
    context = {
        "change": change,
        "title": change.question(len(changed)) if changed else change.nobody,
        "counts": counts(expected),
        "changed": parts[Part.CHANGED],
        "unchanged": [one.member for one in parts[Part.UNCHANGED]],
        "refused": _refused(request, [(one.member, one.refusal) for one in parts[Part.REFUSED]]),
        "consequences": list(change.consequences(changed)),
        "most": MAX_MEMBERS if len(request.GET.getlist("member")) > MAX_MEMBERS else 0,
        "word": change.word,
        "error": error,
        "action": request.get_full_path(),
    }
    return render(request, "members/people/bulk.html", context, status=422 if error else 200)


def _apply(request: OrganizationRequest, members: list[Member], change: BulkChange) -> HttpResponse:
    act, gone = change.act, 0
    if marks := request.POST.getlist("shown"):
        shown = dict(mark.split(":", 1) for mark in marks if ":" in mark)
        members = [member for member in members if member.scim_id in shown]
        act, gone = as_shown(act, shown), len(shown) - len(members)
    outcome = each(members, act)
    return tell(request, outcome, change.success(len(outcome.done)), change.origin, change.undo(outcome), gone)


def _refused(request: OrganizationRequest, refused: Sequence[tuple[Member, Refusal | None]]) -> list[dict[str, Any]]:
    return [
        {"member": member, "refusal": refusal, "mending": mending(refusal, request.organization)}
        for member, refusal in refused
    ]
