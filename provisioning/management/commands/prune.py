from typing import Any

from django.core.management.base import BaseCommand

from members.models import (
    AuditEvent,
    DeletedAccount,
    Invitation,
    Member,
    Outgoing,
    Pace,
    SentReminder,
    SignIn,
    SignInAttempt,
    Team,
)
from members.models.session import Session
from members.openings import OLD_ROWS
from members.pruning import vacuum
from provisioning.models import ActivityHour, BadTokenCount, ScimWalk, SyncActivity, UnrecordedCalls
from saml.models import RefusedPosts, SignInRequest, UsedAssertion


class Command(BaseCommand):
    help = "Delete what has been kept long enough. For a daily timer; safe at any moment."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = {
            "sync activity": SyncActivity.prune(),
            "hours of sync activity": ActivityHour.prune(),
            "calls with a bad token": BadTokenCount.prune(),
            "counts of unrecorded calls": UnrecordedCalls.prune(),
            "positions in lists": ScimWalk.prune(),
            "deleted accounts": DeletedAccount.purge(),
            "audit events": AuditEvent.prune(),
            "invitations": Invitation.prune(),
            "mails": Outgoing.prune(),
            "sent reminders": SentReminder.prune(),
            "SAML requests": SignInRequest.prune(),
            "refused SAML posts": RefusedPosts.prune(),
            "used SAML assertions": UsedAssertion.prune(),
            "expired sessions": Session.prune(),
            "sign-in attempts": SignInAttempt.objects.prune(),
            "sign-ins": SignIn.objects.prune(),
            "paces of requests": Pace.prune(),
        }
        for more in OLD_ROWS.ask():
            counts |= more
        for label, count in counts.items():
            self.stdout.write(f"{label}: {count}")
        vacuum(Member, Team)
