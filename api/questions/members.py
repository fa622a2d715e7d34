"""Members of an organization: one by its id, by an address or by its Unique ID; all of them; those changed since."""

import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.scopes import Scope
from api.wire import examples, refusals
from api.wire.describing import described
from api.wire.paging import Page, PageAsked, Walk
from api.wire.parameters import Moment
from api.wire.question import Asked, Question
from members import values
from members.keys import key_of
from members.models import Account, Member

# Rows that a page of “changed since” looks at: the time of the last change is in no index (decision 24).
LOOKED_AT = 5000
# A change of the last minutes may not be visible yet: its transaction still runs, or a clock is behind.
MARGIN = datetime.timedelta(minutes=5)
ACCOUNT_TYPES = (Account.Type.NULAB.value, Account.Type.MANAGED.value)


class MemberAnswer(serializers.Serializer[Member]):
    id = serializers.CharField(source="scim_id", help_text="The member's id in this organization; never used again.")
    unique_id = serializers.CharField(help_text="The handle for @mentions.")
    name = serializers.CharField(source="account.name")
    user_name = serializers.CharField(source="account.user_name", help_text="The name to sign in with.")
    email = serializers.CharField(source="account.email", allow_blank=True, help_text="May be empty in a sandbox.")
    role = serializers.ChoiceField(choices=["ADMIN", "USER", "GUEST"])
    is_plan_admin = serializers.BooleanField()
    can_invite = serializers.BooleanField()
    is_audit_log_admin = serializers.BooleanField()
    active = serializers.BooleanField(source="account.is_active")
    account_type = serializers.SerializerMethodField()
    managed_here = serializers.BooleanField(source="is_own", help_text="Whether this organization manages the account.")
    licences = serializers.SerializerMethodField()
    language = serializers.ChoiceField(source="account.language", choices=list(values.LANGUAGES))
    time_zone = serializers.CharField(source="account.time_zone")
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField(help_text="The last change of anything in this answer.")

    def get_account_type(self, member: Member) -> str:
        return ACCOUNT_TYPES[member.account.is_managed]

    def get_licences(self, member: Member) -> list[str]:
        return [product.value for product in member.licences]


class MembersAsked(PageAsked):
    address = serializers.CharField(
        required=False, max_length=values.MAX_TEXT, help_text="Only the member with this user name or e-mail address."
    )
    unique_id = serializers.CharField(
        required=False, max_length=values.MAX_TEXT, help_text="Only the member with this Unique ID."
    )
    changed_since = Moment(
        required=False,
        help_text="Only members created or changed at this time or later. Pages may be short, even empty: go on until "
        "`next_cursor` is null. Who has left is told by the events only.",
    )


class MembersAnswer(serializers.Serializer[Any]):
    items = MemberAnswer(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="For the next page; null at the end.")
    next_changed_since = serializers.DateTimeField(
        help_text="The `changed_since` for the next walk: five minutes before this one began, so that none is missed. "
        "A change may be answered twice."
    )


class Members(Question):
    scope = Scope.MEMBERS
    takes = MembersAsked

    @described(
        "List members",
        MembersAnswer,
        takes=MembersAsked,
        example=examples.page_with(examples.MEMBER) | {"next_changed_since": "2026-11-28T08:55:00Z"},
    )
    def get(self, request: Request, space_key: str) -> Response:
        """In a stable order, whatever changes meanwhile."""
        asked = self.ask(request, space_key)
        walk = Walk.of(asked.parameters, "members", space_key, *_narrowing(asked), begins=_begins())
        page = _found(asked, walk)
        return Response({
            "items": MemberAnswer(page.rows, many=True).data,
            "next_cursor": page.next_cursor,
            "next_changed_since": walk.carried,
        })  # fmt: skip


class OneMember(Question):
    scope = Scope.MEMBERS

    @described("Read one member", MemberAnswer, example=examples.MEMBER)
    def get(self, request: Request, space_key: str, member_id: str) -> Response:
        asked = self.ask(request, space_key)
        data: Any = MemberAnswer(member_of(asked, member_id)).data
        return Response(data)


def member_of(asked: Asked, member_id: str) -> Member:
    """Raises NoSuchMember."""
    wanted = member_id if member_id.isprintable() else ""
    rows = asked.organization.members.select_related("account").filter(scim_id=wanted)
    if member := rows.first():
        return seen_in(asked, [member])[0]
    raise refusals.NoSuchMember


def seen_in(asked: Asked, members: list[Member]) -> list[Member]:
    """The members, each knowing the organization that is at hand."""
    for member in members:
        member.organization = asked.organization
    return members


def _narrowing(asked: Asked) -> list[Any]:
    """Parameters that a cursor belongs to, beside the list."""
    return [asked.parameters.get(name, "") for name in ("address", "unique_id", "changed_since")]


def _begins() -> str:
    return str(serializers.DateTimeField().to_representation(timezone.now() - MARGIN))


def _found(asked: Asked, walk: Walk) -> Page:
    members, address = asked.organization.members, asked.parameters.get("address")
    rows = (members.with_address(address) if address else members.all()).select_related("account")
    if unique_id := asked.parameters.get("unique_id"):
        rows = rows.filter(unique_id_key=key_of(unique_id))
    since = asked.parameters.get("changed_since")
    page = walk.search(rows, {"modified_at__gte": since}, LOOKED_AT) if since else walk.page(rows)
    seen_in(asked, page.rows)
    return page
