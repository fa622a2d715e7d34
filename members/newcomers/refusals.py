"""Refusals of a file of people, and of a row of it."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Refusal, Taken

# -- the file


class ColumnMissing(Refusal):
    code = "column_missing"
    sentence = _("The column “%(column)s” is missing. The first row names the columns: download the template.")


class ColumnTwice(Refusal):
    code = "column_twice"
    sentence = _("There are two columns for “%(column)s”. Leave one of them.")


class NotEnoughLicences(Refusal):
    code = "not_enough_licences"
    sentence = _(
        "This needs %(needed)s %(product)s licences, and %(free)s of %(bought)s are free. "
        "Buy more licences, deactivate members who no longer need theirs, or create fewer accounts."
    )
    mended_at = "licences"


# -- a row


class TwiceInFile(Taken):
    code = "twice_in_file"
    sentence = _("Row %(row)s has the same value. It must be different for each person.")


class CellTooLong(InvalidValue):
    code = "cell_too_long"
    sentence = _("The cell has more than %(most)s characters. Shorten it.")


class InactiveInFile(InvalidValue):
    code = "inactive_in_file"
    sentence = _("The file says that this person is inactive. Remove the row: created accounts are always active.")


class UnknownTeam(InvalidValue):
    code = "unknown_team"
    sentence = _("There is no team called “%(name)s”. Create it first, or correct the name.")
