"""The words of the API for the audit log, and its page in the sidebar."""

from django.utils.translation import gettext_lazy as _

from api.audit_events import ApiEvent
from api.models import Lifetime
from members.console.navigation import SECURITY, Entry
from members.models import Member
from members.openings import SIDEBAR, WORDS
from members.words import Words


@WORDS.register
def words() -> Words:
    return Words(
        events=ApiEvent,
        categories={"personal_token": _("Personal access token")},
        fields={"token": _("Token"), "token_lifetime": _("Expires after")},
        values={"token_lifetime": dict(Lifetime.choices)},
    )


@SIDEBAR.register
def page() -> Entry:
    return Entry(SECURITY, _("What the apps were told"), "mail", "told", 2, Member.may_read_audit_log)
