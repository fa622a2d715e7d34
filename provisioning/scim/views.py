"""The endpoints for Users. django-scim2's views are the frame; each handler finds, checks, calls and answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import django_scim.views as frame
from django.http import HttpResponse

from members.models import Member, Organization
from provisioning.models import Kind
from provisioning.scim import lookups, refusals
from provisioning.scim.answering import ScimView, answered, list_response
from provisioning.scim.authentication import authenticate_again
from provisioning.scim.call import Call, Caller
from provisioning.scim.identities import known
from provisioning.scim.patch import Patch
from provisioning.scim.requests import Projection, Query, body_of, literal_filter
from provisioning.scim.resource import UserRow, row_of
from provisioning.scim.users import UserAdapter
from provisioning.scim.wanted import from_resource


class UsersView(ScimView, frame.UsersView):
    """/Users"""

    http_method_names = ["get", "head", "post"]

    @answered(Kind.SEARCH)
    def get(self, call: Call, **kwargs: Any) -> HttpResponse:
        return list_users(call, call.request.GET.dict(), literal_filter(call.request))

    @answered(Kind.CREATE)
    def post(self, call: Call, **kwargs: Any) -> HttpResponse:
        projection = Projection.of(call.request.GET.dict())
        call.body = body_of(call.request)
        user_name = call.body.get("userName")
        call.subject = user_name[:255].replace("\x00", "") if isinstance(user_name, str) else ""
        wanted = from_resource(call.body, replaces=False)
        with _organization(call).locked():
            authenticate_again(call)
            caller = _caller(call)
            adapter = UserAdapter.create(
                _organization(call), wanted, by=_actor(call), language=caller.language, time_zone=caller.time_zone
            )
            return answer_user(call, adapter, 201, projection)


class UserView(ScimView, frame.UsersView):
    """/Users/{id}"""

    http_method_names = ["get", "head", "put", "patch", "delete"]

    @answered(Kind.READ)
    def get(self, call: Call, uuid: str, **kwargs: Any) -> HttpResponse:
        projection = Projection.of(call.request.GET.dict())
        row = lookups.user(_organization(call), uuid)
        if row is None:
            raise refusals.NoSuchUser(id=uuid[:60])
        call.subject_id, call.subject = row.scim_id, row.name
        call.known = known(row)
        [user] = lookups.rendered([row], call.base)
        version = user["meta"]["version"]
        headers = {"ETag": version, "Location": user["meta"]["location"]}
        if not {version, "*"}.isdisjoint(_versions(call, "If-None-Match")):
            return call.answer(304, None, **headers)
        return call.answer(200, projection.of_user(user), **headers)

    @answered(Kind.REPLACE)
    def put(self, call: Call, uuid: str, **kwargs: Any) -> HttpResponse:
        return self._write(call, uuid, lambda body: from_resource(body, replaces=True), UserAdapter.replace)

    @answered(Kind.PATCH)
    def patch(self, call: Call, uuid: str, **kwargs: Any) -> HttpResponse:
        return self._write(call, uuid, Patch, UserAdapter.patch)

    @answered(Kind.DELETE)
    def delete(self, call: Call, uuid: str, **kwargs: Any) -> HttpResponse:
        member = find(call, uuid)
        with written(call, member) as adapter:
            adapter.delete(by=_actor(call))
            return call.answer(204)

    def _write(
        self, call: Call, uuid: str, read: Callable[[dict[str, Any]], Any], write: Callable[..., None]
    ) -> HttpResponse:
        projection = Projection.of(call.request.GET.dict())
        call.body = body_of(call.request)
        member = find(call, uuid)
        # Before the lock, for which everybody else of the organization would wait meanwhile.
        wish = read(call.body)
        with written(call, member) as adapter:
            write(adapter, wish, by=_actor(call))
            return answer_user(call, adapter, 200, projection)


class UserSearchView(ScimView, frame.UserSearchView):
    """/Users/.search"""

    http_method_names = ["post"]

    @answered(Kind.SEARCH)
    def post(self, call: Call, **kwargs: Any) -> HttpResponse:
        call.body = body_of(call.request)
        return list_users(call, call.body)


# -- steps of the handlers


def _organization(call: Call) -> Organization:
    assert call.organization is not None
    return call.organization


def _actor(call: Call) -> Any:
    assert call.actor is not None
    return call.actor


def _caller(call: Call) -> Caller:
    assert call.caller is not None
    return call.caller


def find(call: Call, scim_id: str) -> Member:
    """Within the organization of the token; somebody else's id is as unknown as an invented one."""
    organization = _organization(call)
    member = organization.members.select_related("account").filter(scim_id=scim_id).first()
    if member is None:
        raise refusals.NoSuchUser(id=scim_id[:60])
    member.organization = organization
    call.subject_id, call.subject = member.scim_id, member.account.name
    call.known = known(row_of(member))
    return member


@contextmanager
def written(call: Call, member: Member) -> Iterator[UserAdapter]:
    """The member locked, the token and the version checked under the lock; gone meanwhile is not found."""
    adapter = UserAdapter(member)
    try:
        with member.locked():
            authenticate_again(call)
            check_version(call, adapter)
            yield adapter
    except Member.DoesNotExist:
        raise refusals.NoSuchUser(id=member.scim_id) from None


def check_version(call: Call, adapter: UserAdapter) -> None:
    """If-Match and If-None-Match (RFC 7644 §3.14, RFC 9110 §13.1), compared under the lock."""
    wanted, unwanted = (_versions(call, header) for header in ("If-Match", "If-None-Match"))
    if not wanted and not unwanted:
        return
    now = {adapter.to_dict()["meta"]["version"], "*"}
    if (wanted and now.isdisjoint(wanted)) or not now.isdisjoint(unwanted):
        raise refusals.PreconditionFailed


def _versions(call: Call, header: str) -> list[str]:
    """Weak or strong, quoted or not: the same version."""
    sent = call.request.headers.get(header, "")
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in sent.split(",") if tag.strip()]
    return [tag if tag == "*" else f'W/"{tag}"' for tag in tags]


def answer_user(call: Call, adapter: UserAdapter, status: int, projection: Projection) -> HttpResponse:
    user = adapter.to_dict()
    call.subject_id, call.subject = adapter.obj.scim_id, adapter.obj.account.name
    call.known += known(row_of(adapter.obj))
    call.changes, call.ignored, call.kept_out = adapter.changes, adapter.ignored, adapter.kept_out
    headers = {"ETag": user["meta"]["version"], "Location": user["meta"]["location"]}
    return call.answer(status, projection.of_user(user), **headers)


def list_users(call: Call, sent: dict[str, Any], literal: str = "") -> HttpResponse:
    query = Query.of(sent, lookups.PAGE, lookups.PAGE_MOST, literal)
    total, rows = _found(_organization(call), query)
    users = [query.projection.of_user(user) for user in lookups.rendered(rows, call.base)]
    if len(rows) == 1:
        call.subject_id, call.subject = rows[0].scim_id, rows[0].name
        call.known = known(rows[0])
    return call.answer(200, list_response(users, total, query.start))


def _found(organization: Organization, query: Query) -> tuple[int, list[UserRow]]:
    """The page of a filter. Read with its + as they stand where it finds nobody, or cannot be read, with blanks."""
    total, rows = 0, list[UserRow]()
    refusal = None
    try:
        total, rows = lookups.page(organization, query.filter, query.start, query.count)
    except refusals.InvalidFilter as error:
        refusal = error
    if query.literal and not total:
        with suppress(refusals.InvalidFilter):
            return lookups.page(organization, query.literal, query.start, query.count)
    if refusal:
        raise refusal
    return total, rows
