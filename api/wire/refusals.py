"""Refusals of every route of the API; problems.py makes problem details of them."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class ApiRefusal(Refusal):
    """A refusal with a status of its own."""

    # Apart from those that are kept: the sync activity puts its own “no_such_address” into words by the code alone.
    by_code: ClassVar[dict[str, type[Refusal]]] = {}

    status: ClassVar[int] = 400


class BadKey(ApiRefusal):
    status = 401
    code = "bad_key"
    sentence = _(
        "The API key is missing, wrong, revoked or expired. Send a live one in the header: “Authorization: Bearer …”."
    )


class NotInScope(ApiRefusal):
    status = 403
    code = "not_in_scope"
    sentence = _("This key does not have the scope “%(scope)s”. Ask for a key that does.")


class NoSuchRoute(ApiRefusal):
    status = 404
    code = "no_such_route"
    sentence = _("There is nothing at this address. The description of the API lists all addresses.")


class NoSuchOrganization(ApiRefusal):
    status = 404
    code = "no_such_organization"
    sentence = _("There is no organization with this space key, or this key may not ask about it.")


class NoSuchMember(ApiRefusal):
    status = 404
    code = "no_such_member"
    sentence = _("This organization has no member with this id.")


class NoSuchTeam(ApiRefusal):
    status = 404
    code = "no_such_team"
    sentence = _("This organization has no team with this id.")


class NoSuchProduct(ApiRefusal):
    status = 404
    code = "no_such_product"
    sentence = _("There is no product of this name. There are: %(choices)s.")


class MethodNotTaken(ApiRefusal):
    status = 405
    code = "method_not_taken"
    sentence = _("This address does not take %(method)s. It takes %(allowed)s.")


class BodyTooLong(ApiRefusal):
    status = 413
    code = "body_too_long"
    sentence = _("The body of a request may have %(most)s bytes at most.")


class LengthRequired(ApiRefusal):
    status = 411
    code = "length_required"
    sentence = _("Send the length of the body in the header Content-Length.")


class MediaTypeNotTaken(ApiRefusal):
    status = 415
    code = "media_type_not_taken"
    sentence = _("Send the body as “application/json”, without a Content-Encoding.")


class InvalidJson(ApiRefusal):
    code = "invalid_json"
    sentence = _("The body is not a JSON object in UTF-8.")


class KeyTooFast(ApiRefusal):
    status = 429
    code = "key_too_fast"
    sentence = _(
        "More requests came with this key than it may send: %(rate)s a second, and %(burst)s at once. Send this one "
        "again in %(seconds)s s, as Retry-After says."
    )


class UnknownParameter(ApiRefusal):
    code = "unknown_parameter"
    sentence = _("“%(field)s” is not known here. Known are: %(known)s.")


class RepeatedParameter(ApiRefusal):
    code = "repeated_parameter"
    sentence = _("“%(field)s” may be given only once.")


class MissingValue(ApiRefusal):
    code = "missing_value"
    sentence = _("“%(field)s” is missing.")


class ValueTooLong(ApiRefusal):
    code = "value_too_long"
    sentence = _("“%(field)s” may have %(most)s characters at most.")


class NotOneOf(ApiRefusal):
    code = "not_one_of"
    sentence = _("“%(field)s” has to be one of: %(choices)s.")


class NotInRange(ApiRefusal):
    code = "not_in_range"
    sentence = _("“%(field)s” has to be a number from %(least)s to %(most)s.")


class NotATime(ApiRefusal):
    code = "not_a_time"
    sentence = _("“%(field)s” has to be a time with its time zone, such as 2026-11-28T09:00:00Z.")


class UnreadableValue(ApiRefusal):
    code = "unreadable_value"
    sentence = _("“%(field)s” has a value that it cannot have.")


class BadCursor(ApiRefusal):
    code = "bad_cursor"
    sentence = _(
        "This cursor is not one of this list. Send the “next_cursor” of an answer unchanged, with the same parameters, "
        "or begin again without a cursor."
    )


class ApiFailure(ApiRefusal):
    status = 500
    code = "api_failure"
    sentence = _(
        "Something went wrong on our side. Nothing was changed. Support finds it by the request id %(request)s."
    )


class DatabaseIsAway(ApiRefusal):
    status = 503
    code = "database_is_away"
    sentence = _("The database is not available at the moment. Repeat the request after the time in Retry-After.")
