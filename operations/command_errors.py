"""Failures of a command that the operator can mend: a sentence each, where a mistake of ours is a traceback."""

from django import db
from django.core.exceptions import ImproperlyConfigured

from operations import readiness
from operations.faults import fault_in


class NotUtf8(Exception):
    """An argument that can neither be looked for nor stored."""


def require_text(arguments: list[str]) -> None:
    """Raises NotUtf8."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise NotUtf8(f"{argument!a} is not in UTF-8: type it in a terminal that is.") from None


def sentence_about(error: Exception, arguments: list[str]) -> str | None:
    """None for a mistake of ours, such as a migration that fails."""
    if isinstance(error, NotUtf8):
        return str(error)
    if isinstance(error, ImproperlyConfigured):
        return f"{str(error).rstrip('.')}. (While trying out: DEBUG=1. All variables: docs/operations.md)"
    if fault := fault_in(error):
        return f"The database cannot be used: {fault.words}. Nothing is half-written: type the command again later."
    is_about_columns = isinstance(error, db.ProgrammingError | db.OperationalError)
    if is_about_columns and "migrate" not in arguments and not readiness.is_migrated():
        return "The database is older than this version of the site: run manage.py migrate first."
    return None
