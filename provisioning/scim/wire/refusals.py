"""Refusals of the SCIM protocol, beside those of the product's rules.

Each says what was wrong in words that an admin reading the IdP's provisioning log
understands. `wire` tells how any refusal is put on the wire (RFC 7644 §3.12).
"""

from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Refusal, Taken


class ProtocolRefusal(Refusal):
    code = "protocol"
    status: ClassVar[int] = 400
    scim_type: ClassVar[str] = ""


class WithProblem(ProtocolRefusal):
    """A refusal whose figure `problem` is a text of its own, marked by gettext_noop, with figures in it."""

    code = "with_problem"

    def __str__(self) -> str:
        return self._put(self.sentence, problem=self._put(gettext(str(self.figures.get("problem") or "…"))))


class InvalidSyntax(WithProblem):
    code = "invalid_syntax"
    scim_type = "invalidSyntax"
    sentence = _("The body of the request cannot be read: %(problem)s.")


class WithPath(ProtocolRefusal):
    """A refusal whose figure `path` is what was sent; Call.refuse leaves only those of its values that may be kept."""

    code = "with_path"


class InvalidFilter(WithProblem):
    code = "invalid_filter"
    scim_type = "invalidFilter"
    sentence = _(
        "The filter “%(filter)s” cannot be used: %(problem)s. Correct the filter, or the matching attribute it is made "
        "of."
    )


class InvalidPath(WithPath):
    code = "invalid_path"
    scim_type = "invalidPath"
    sentence = _("“%(path)s” is not a well-formed attribute path. Correct the attribute mapping.")


class InvalidBrackets(InvalidPath):
    """A refusal of a path that is well-formed, but has a filter that cannot be asked."""

    code = "invalid_brackets"
    scim_type = "invalidFilter"
    sentence = _(
        "The brackets in “%(path)s” choose by an attribute that is not kept, or by a value of the wrong kind. "
        "Correct the attribute mapping."
    )


class PathTooLong(WithPath):
    code = "path_too_long"
    scim_type = "invalidPath"
    sentence = _(
        "The path that begins with “%(path)s” is too long: there can be %(characters)s characters, %(terms)s terms and "
        "depth %(depth)s at most, and %(bytes)s bytes in all paths with a filter. Correct the attribute mapping."
    )


class TooManyNames(ProtocolRefusal):
    code = "too_many_names"
    scim_type = "invalidValue"
    sentence = _("“%(parameter)s” lists more than %(most)s attributes. Name fewer, or leave it out to get all.")


class TooManyParameters(ProtocolRefusal):
    code = "too_many_parameters"
    scim_type = "invalidValue"
    sentence = _("The address has more than %(most)s query parameters. Send fewer.")


class TooManyEntries(WithPath):
    code = "too_many_entries"
    scim_type = "invalidValue"
    sentence = _("“%(path)s” has more than %(most)s entries. Correct the attribute mapping.")


class NoTarget(WithPath):
    code = "no_target"
    scim_type = "noTarget"
    sentence = _("The path “%(path)s” matches nothing that can be changed. Correct the attribute mapping.")


class ReadOnly(WithPath):
    code = "read_only"
    scim_type = "mutability"
    sentence = _("“%(path)s” is set by this site and cannot be written. Remove it from the attribute mapping.")


class CannotBeRemoved(WithPath):
    code = "cannot_be_removed"
    scim_type = "mutability"
    sentence = _("“%(path)s” is required and cannot be removed. Send a new value instead.")


class WrongType(WithPath, WithProblem):
    code = "wrong_type"
    scim_type = "invalidValue"
    sentence = _("“%(path)s” has a value of the wrong kind: %(problem)s is needed. Correct the attribute mapping.")


class InvalidParameter(ProtocolRefusal):
    code = "invalid_parameter"
    scim_type = "invalidValue"
    sentence = _("The query parameter “%(parameter)s” must be a whole number.")


class RepeatedQueryParameter(ProtocolRefusal):
    code = "repeated_query_parameter"
    scim_type = "invalidValue"
    sentence = _("The query parameter “%(parameter)s” may be given only once.")


class InvalidSort(WithProblem):
    code = "invalid_sort"
    scim_type = "invalidPath"
    sentence = _("The list cannot be sorted by “%(attribute)s”: %(problem)s.")


class InvalidOrder(ProtocolRefusal):
    code = "invalid_order"
    scim_type = "invalidValue"
    sentence = _("“sortOrder” must be “ascending” or “descending”.")


class InvalidCursor(ProtocolRefusal):
    code = "invalid_cursor"
    scim_type = "invalidCursor"
    sentence = _(
        "The cursor cannot be read. Leave it empty for the first page, and send nextCursor or previousCursor of an "
        "answer unchanged for any other."
    )


class ForeignCursor(InvalidCursor):
    code = "foreign_cursor"
    sentence = _(
        "The cursor belongs to another list. Send it to the address, and with the filter and order, of the answer that "
        "it comes from."
    )


class ExpiredCursor(ProtocolRefusal):
    code = "expired_cursor"
    scim_type = "expiredCursor"
    sentence = _(
        "The cursor has expired: there can be %(seconds)s seconds between two pages. Begin again with an empty cursor."
    )


class InvalidCount(ProtocolRefusal):
    code = "invalid_count"
    scim_type = "invalidCount"
    sentence = _("With a cursor, “count” must be a whole number from 0 to %(most)s.")


class CountChanged(ProtocolRefusal):
    code = "count_changed"
    scim_type = "invalidCount"
    sentence = _("The list was begun with pages of %(count)s. Send the same “count” with each of its cursors.")


class TwoWaysOfPaging(ProtocolRefusal):
    code = "two_ways_of_paging"
    scim_type = "invalidValue"
    sentence = _("Send “startIndex” or “cursor”, not both.")


class BothAttributeLists(ProtocolRefusal):
    code = "both_attribute_lists"
    scim_type = "invalidValue"
    sentence = _("Send “attributes” or “excludedAttributes”, not both.")


class BadToken(ProtocolRefusal):
    code = "bad_token"
    status = 401
    # The contract's very words; clients look for them.
    sentence = "Authorization failure. invalid token."


class DiscoveryTakesNoFilter(ProtocolRefusal):
    # RFC 7644 §4
    code = "discovery_takes_no_filter"
    status = 403
    sentence = _("This address describes the service and does not support filters. Remove the filter.")


class NoSuchAddress(ProtocolRefusal):
    code = "no_such_address"
    status = 404
    sentence = _("There is nothing at this address. Check the SCIM URL in the identity provider.")


class MethodNotAllowed(ProtocolRefusal):
    code = "method_not_allowed"
    status = 405
    sentence = _("%(method)s is not supported at this address. Supported methods: %(allowed)s.")


class PreconditionFailed(ProtocolRefusal):
    code = "precondition_failed"
    status = 412
    sentence = _("The resource has changed since it was read. Read it again and repeat the change.")


class UnwantedVersion(ProtocolRefusal):
    code = "unwanted_version"
    status = 412
    sentence = _(
        "The resource is there in a version that the request excludes by If-None-Match, so nothing was changed. Send "
        "the request without If-None-Match, or with If-Match and the version that you mean."
    )


class NothingToMatch(ProtocolRefusal):
    code = "nothing_to_match"
    status = 412
    sentence = _(
        "The request names a version by If-Match, but what it is to create has none yet. Send it without If-Match."
    )


class SameBulkId(ProtocolRefusal):
    code = "same_bulk_id"
    scim_type = "invalidValue"
    sentence = _("Two operations have the same “bulkId”. Give each one of its own.")


class InvalidFailOnErrors(ProtocolRefusal):
    code = "invalid_fail_on_errors"
    scim_type = "invalidValue"
    sentence = _("“failOnErrors” must be a whole number from 1 on. Leave it out to have all operations tried.")


class NothingMade(ProtocolRefusal):
    code = "nothing_made"
    status = 409
    sentence = _(
        "This operation refers to a bulkId without a resource: no POST of the request has it, or that one was "
        "refused. Fix that one first."
    )


class CircularReference(ProtocolRefusal):
    code = "circular_reference"
    status = 409
    sentence = _(
        "This operation and others refer to each other by bulkId, so that none can come first. Create them without the "
        "references, then add these."
    )


class TooManyOperations(ProtocolRefusal):
    code = "too_many_operations"
    status = 413
    sentence = _("A Bulk can have %(most)s operations; this one has %(sent)s. Send them in several requests.")


class BodyTooLarge(ProtocolRefusal):
    code = "body_too_large"
    status = 413
    sentence = _("The request is larger than %(most)s bytes. Send fewer attributes at once.")


class TooManyRequests(ProtocolRefusal):
    code = "too_many_requests"
    status = 429
    sentence = _(
        "More requests came than an organization may send: %(rate)s a second, and %(burst)s at once. Send this one "
        "again in %(seconds)s s, as Retry-After says."
    )
    # Of all that came in one burst.
    counted = _(
        "More requests came than an organization may send: %(rate)s a second, and %(burst)s at once. Those refused in "
        "this burst: %(requests)s."
    )

    def __str__(self) -> str:
        return self._put(self.counted if "requests" in self.figures else self.sentence)

    @property
    def seconds(self) -> int:
        return int(self.figures["seconds"])


class UnsupportedMediaType(ProtocolRefusal):
    code = "unsupported_media_type"
    status = 415
    sentence = _("The body must be sent as application/scim+json or application/json.")


class UnsupportedEncoding(ProtocolRefusal):
    code = "unsupported_encoding"
    status = 415
    sentence = _("The body may be compressed by gzip and by nothing else. Send it so, or uncompressed.")


class NotImplementedHere(ProtocolRefusal):
    code = "not_implemented"
    status = 501
    sentence = _("This part of SCIM is not supported; see ServiceProviderConfig for what is supported.")


class MeIsNobody(NotImplementedHere):
    code = "me_is_nobody"
    sentence = _(
        "A SCIM token belongs to an identity provider, not to a person, so there is no “Me”. Find people by /Users."
    )


class ServerFailure(ProtocolRefusal):
    code = "server_failure"
    status = 500
    sentence = _(
        "Something went wrong on our side; nothing was changed. Try again, or contact support with %(request)s."
    )


class Unavailable(ProtocolRefusal):
    code = "unavailable"
    status = 503
    sentence = _(
        "The site is temporarily unavailable. No change was applied in part: send the request again in a few seconds."
    )


def wire(refusal: Refusal) -> tuple[int, str]:
    """HTTP status and scimType. A rule of the product that says no is a 403."""
    if isinstance(refusal, ProtocolRefusal):
        return refusal.status, refusal.scim_type
    if isinstance(refusal, Taken):
        return 409, "uniqueness"
    if isinstance(refusal, InvalidValue):
        return 400, "invalidValue"
    return 403, ""
