"""Additions of provisioning to the frame, Get started, the list of members and the words of the audit log."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.console.checklist import Step
from members.console.navigation import ACCESS, Banner, Entry
from members.getting_started import Headline
from members.marks import Mark
from members.models import Account, Member, Organization
from members.openings import (
    BANNERS,
    CALLS_ABOUT,
    FIRST_STEPS,
    HEADLINE,
    KEPT_FIELDS,
    MARKS,
    PAGE_NAMES,
    SIDEBAR,
    WORDS,
)
from members.texts import Text
from members.words import Words
from provisioning.events import ProvisioningEvent
from provisioning.models import Lifetime, ProvisioningSettings, RefusedDeparture, ScimToken, preconditions
from provisioning.monitoring.health import Health, verdict
from provisioning.monitoring.health_words import state_of

# Banners about leavers, at most: enough to see the causes.
LEAVERS = 3


@SIDEBAR.register
def page() -> Entry:
    return Entry(ACCESS, _("User provisioning"), "refresh", "provisioning", 2)


@PAGE_NAMES.register
def pages() -> dict[str, Text]:
    return {"provisioning-review": _("Review existing accounts")}


@BANNERS.register
def leavers_still_in(organization: Organization) -> list[Banner]:
    """The banners about leavers who are still active, the oldest first; of many the rest as a number."""
    departures = RefusedDeparture.objects.filter(organization=organization).order_by("refused_at", "pk")
    waiting = list(departures.select_related("member__account", "member__organization")[: LEAVERS + 1])
    shown = [_leaver(departure) for departure in waiting[:LEAVERS]]
    return shown if len(waiting) <= LEAVERS else [*shown, _more_leavers(organization, departures.count() - LEAVERS)]


def _leaver(departure: RefusedDeparture) -> Banner:
    sentence = _("The IdP tried to deactivate or delete %(member)s, but was refused: %(reason)s")
    figures = {"member": departure.member.account.name, "reason": departure.reason}
    page = reverse("member", args=[departure.member.organization.space_key, departure.member.scim_id])
    return Banner("danger", sentence % figures, page, _("Show member"))


def _more_leavers(organization: Organization, count: int) -> Banner:
    sentence = ngettext(
        "The IdP tried to deactivate or delete %(count)s more person, but was refused.",
        "The IdP tried to deactivate or delete %(count)s more people, but was refused.",
        count,
    )
    refused = f"{reverse('activity', args=[organization.space_key])}?outcome=refused"
    return Banner("danger", sentence % {"count": localize(count)}, refused, _("Show refused requests"))


@MARKS.register
def token_issuers(members: list[Member]) -> Iterator[tuple[int, Mark]]:
    issuers = ScimToken.objects.live().filter(organization=members[0].organization_id, issuer__isnull=False)
    for pk in set(issuers.values_list("issuer_id", flat=True)):
        yield pk, Mark(_("Token issuer"), "key")


@KEPT_FIELDS.register
def sent_by_the_idp(organization: Organization) -> set[str]:
    settings = ProvisioningSettings.objects.filter(pk=organization.pk).only("sent_fields").first()
    return set(settings.sent_fields.split()) if settings else set()


@CALLS_ABOUT.register
def calls_about(member: Member) -> str:
    return f"{reverse('activity', args=[member.organization.space_key])}?{urlencode({'account': member.scim_id})}"


@HEADLINE.register
def how_it_is_doing(organization: Organization) -> Headline:
    found = verdict(organization)
    state = state_of(found)
    is_expected = found.health is Health.RUNNING or found.is_switched_off
    title: Text
    if is_expected and not _has_provisioned(organization):
        title = _("Provision your first user")
    elif found.health is Health.RUNNING:
        title = _("User provisioning is running")
    else:
        title = _("User provisioning: %(state)s") % {"state": state.label}
    page = reverse("provisioning", args=[organization.space_key])
    return Headline(title, state.kind, state.sentence, page, _("User provisioning"))


def _has_provisioned(organization: Organization) -> bool:
    return organization.managed_accounts.filter(type=Account.Type.PROVISIONED).exists()


@FIRST_STEPS.register
def enable_provisioning(organization: Organization) -> Step:
    settings = ProvisioningSettings.objects.filter(organization=organization).first()
    is_enabled = settings is not None and settings.is_enabled
    missing = next((str(refusal) for refusal, is_met in preconditions(organization) if not is_met), "")
    return Step(
        order=3,
        title=_("Enable user provisioning"),
        text=_("SCIM URL: %(url)s") % {"url": settings.scim_url}
        if settings and is_enabled and not missing
        else missing or _("Your IdP then creates, changes and deactivates the accounts here."),
        is_done=is_enabled and not missing,
        url=reverse("provisioning", args=[organization.space_key]),
        action=_("Set up provisioning"),
    )


@FIRST_STEPS.register
def issue_a_token(organization: Organization) -> Step:
    token = ScimToken.objects.live().filter(organization=organization).first()
    return Step(
        order=4,
        title=_("Issue a SCIM token"),
        text=_("Live: %(token)s") % {"token": token} if token else _("Shown once. You become the token issuer."),
        is_done=token is not None,
        url=reverse("provisioning" if token else "token-issue", args=[organization.space_key]),
        action=_("Issue token"),
    )


@FIRST_STEPS.register
def provision_the_first_user(organization: Organization) -> Step:
    is_done = _has_provisioned(organization)
    return Step(
        order=5,
        title=_("Provision one test user"),
        text="" if is_done else _("Paste the SCIM URL and the token into your IdP, and synchronize one person."),
        is_done=is_done,
        url=reverse("members" if is_done else "provisioning", args=[organization.space_key]),
        action=_("See how"),
    )


@WORDS.register
def words() -> Words:
    return Words(
        events=ProvisioningEvent,
        categories={"provisioning": _("User provisioning"), "token": _("SCIM token")},
        fields={"issuer": _("Token issuer"), "lifetime": _("Expires after")},
        values={"lifetime": dict(Lifetime.choices)},
    )
