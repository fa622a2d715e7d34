"""Refusals of a list of people that cannot be read."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Refusal


class UnreadableFile(Refusal):
    code = "unreadable_file"
    sentence = _(
        "This is not a CSV file in UTF-8, UTF-16, Shift_JIS or Windows-1252. In Excel, save it as “CSV UTF-8 "
        "(comma delimited)”."
    )


class QuoteWithoutEnd(Refusal):
    code = "quote_without_end"
    sentence = _(
        "The quoted value that begins in row %(row)s is not closed. Close it with a quotation mark; write one inside a "
        "value twice."
    )


class FileTooLarge(Refusal):
    code = "file_too_large"
    sentence = _("The file is larger than %(size)s MiB. Split it: the limit is %(most)s people at a time.")


class TooManyRows(Refusal):
    code = "too_many_rows"
    sentence = _("The file has %(rows)s rows. Split it: the limit is %(most)s people at a time.")


class EmptyFile(Refusal):
    code = "empty_file"
    sentence = _("The file has no rows below the header. Add one row for each person.")


class NoAddressColumn(Refusal):
    """No column has addresses; `found` are the names in the first line."""

    code = "no_address_column"
    sentence = _(
        "The column “Email” is missing: no column with addresses was found; found: %(found)s. "
        "Name one of the columns Email or userName."
    )


class UnknownStatus(InvalidValue):
    code = "unknown_status"
    sentence = _("“%(value)s” is not known as a word for active or inactive. Write Active or Inactive.")
