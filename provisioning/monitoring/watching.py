"""Mails to administrators, one for each change of the verdict, with cause and remedy: `manage.py watch`.

Looked at from outside the requests: silence announces itself by nothing, and what lasts shorter than the time
between two looks needs no mail.
"""

from functools import partial

from django.db import transaction
from django.utils import timezone

from members import mail
from members.models import Organization
from provisioning.models import ProvisioningSettings
from provisioning.models.settings_refusals import NotEnabled
from provisioning.monitoring.health import NOT_SET_UP, Health, Verdict, verdict
from provisioning.monitoring.health_words import state_of

NOT_ON = ("", f"{Health.CLOSED}:{NOT_SET_UP}", f"{Health.CLOSED}:{NotEnabled.code}")


def watch() -> int:
    """Look at every organization with provisioning settings; returns how many mails are due."""
    known = ProvisioningSettings.objects.select_related("organization").order_by("pk")
    return sum(tell(row.organization, row.told_health) for row in known.iterator())


def tell(organization: Organization, before: str) -> bool:
    """Mail a change of the verdict since `before`. Of two processes at once, one changes the row and mails."""
    found = verdict(organization)
    now = _word(found)
    if now == before:
        return False
    with transaction.atomic():
        mine = ProvisioningSettings.objects.filter(pk=organization.pk, told_health=before)
        if not mine.update(told_health=now, told_at=timezone.now()) or not _is_news(found, before):
            return False
        link = mail.address_of("provisioning", organization)
        # Words at the time of writing: in the language of each reader.
        mail.to_administrators(organization, "health", now=partial(state_of, found), verdict=found, link=link)
    return True


def _word(found: Verdict) -> str:
    return f"{found.health}:{found.cause}" if found.health is Health.CLOSED else str(found.health)


def _is_news(found: Verdict, before: str) -> bool:
    """Whether the change is worth a mail. A use of the switch has its own, and a good start needs none."""
    if found.is_switched_off:
        return False
    return found.health is not Health.RUNNING or before not in NOT_ON
