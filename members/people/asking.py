"""A question about one member, asked before a change."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from members.console.confirmation import Confirmation, confirm
from members.models import Member
from members.people.dry_run import Act, objection


def confirm_change(request: HttpRequest, member: Member, question: Confirmation, act: Act) -> HttpResponse:
    """The question, or the answer to it. A dry run says beforehand why the change would be refused as things stand."""
    known = question.objection
    question = replace(question, objection=lambda: known() or objection(member, act))
    return confirm(request, question, lambda: act(member))
