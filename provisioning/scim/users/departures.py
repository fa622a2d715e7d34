"""Warnings about leavers whose deactivation or deletion by the IdP was refused.

A refusal may come before anybody has read the body. What it says of the status is then read here: leniently, because
something else in it may be what was wrong, and within the limits that every body has.
"""

import logging
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError

from members.models import Member
from members.refusals import Refusal
from provisioning.models import RefusedDeparture
from provisioning.scim.users.attributes import USER
from provisioning.scim.wire.masking import without_nul
from provisioning.scim.wire.patch import MAX_OPERATIONS
from provisioning.scim.wire.refusals import BadToken, TooManyRequests, Unavailable
from provisioning.scim.wire.requests import body_of
from provisioning.scim.wire.sent import loaded, unpacked

if TYPE_CHECKING:
    from provisioning.scim.wire.call import Call
    from provisioning.scim.wire.caller import Caller

logger = logging.getLogger(__name__)
CALLED_IN = ("true", "1", "yes", "on", "active", "enabled")
CALLED_OUT = ("false", "0", "no", "off", "inactive", "disabled")


def note(call: "Call", refusal: Refusal) -> None:
    """Remember a leaver who stays in, and end the warning about somebody whom the IdP activates again.

    After the refusal has undone everything else. A token that is not good any longer says nothing, and a call that came
    too fast, or that a fault of the database has ended, is sent again.
    """
    if call.caller is None or isinstance(refusal, BadToken | TooManyRequests | Unavailable):
        return
    try:
        if (is_wanted := _status(call)) is None or (member := _member(call, call.caller)) is None:
            return
        call.subject.id, call.subject.name = member.scim_id, member.account.name
        if is_wanted:
            RefusedDeparture.forget(member)
        else:
            RefusedDeparture.remember(member, type(refusal)(**without_nul(refusal.figures)))
    except DatabaseError as error:
        # The refusal itself must still be answered.
        cause = str(error).partition("\n")[0]
        logger.error("The refused departure of SCIM call %s could not be noted: %s", call.request_id, cause)


def _member(call: "Call", caller: "Caller") -> Member | None:
    scim_id = call.part.scim_id if call.part else call.scim_id
    return caller.organization.members.select_related("account").filter(scim_id=scim_id).first()


def _status(call: "Call") -> bool | None:
    """The `active` that the request sends; None if it sends none."""
    if not (call.part.scim_id if call.part else call.scim_id):
        return None
    if call.method == "DELETE":
        return False
    if call.method not in ("PUT", "PATCH"):
        return None
    try:
        body = body_of(call.request) if call.body is None else call.body
    except Refusal:
        return None
    return _of_resource(body) if call.method == "PUT" else _of_operations(body)


def _of_operations(body: dict[str, Any]) -> bool | None:
    """The last `active` in the operations of a PATCH."""
    operations = {key.casefold(): value for key, value in body.items()}.get("operations")
    status: bool | None = None
    for operation in operations[:MAX_OPERATIONS] if isinstance(operations, list) else ():
        if isinstance(operation, dict) and (said := _of_operation(operation)) is not None:
            status = said
    return status


def _of_operation(operation: dict[str, Any]) -> bool | None:
    folded = {key.casefold(): value for key, value in operation.items()}
    op, path, value = (folded.get(name) for name in ("op", "path", "value"))
    if not isinstance(op, str) or op.casefold() not in ("add", "replace"):
        return None
    path = USER.without_core(path.strip()) if isinstance(path, str) else ""
    if path.casefold() == "active":
        return _boolean(value)
    if path and path.casefold() != USER.core.casefold():
        return None
    return _of_resource(unpacked(loaded(value)))


def _of_resource(resource: Any) -> bool | None:
    status: bool | None = None
    for key, value in resource.items() if isinstance(resource, dict) else ():
        path = USER.without_core(key).casefold()
        said = _boolean(value) if path == "active" else _of_resource(value) if path == USER.core.casefold() else None
        status = status if said is None else said
    return status


def _boolean(value: Any) -> bool | None:
    """The value as a boolean, also in forms that are refused, if it can mean one thing only."""
    value = unpacked(value)
    if isinstance(value, dict):
        value = {key.casefold(): inner for key, inner in value.items()}.get("value")
    word = str(value).strip().casefold()
    return True if word in CALLED_IN else False if word in CALLED_OUT else None
