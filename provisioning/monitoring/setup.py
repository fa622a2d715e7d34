"""The steps towards a synchronization that works."""

import datetime

from django.db.models import Min
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.console.checklist import Step, in_order
from members.console.moments import exact
from members.models import Organization
from members.refusals import Refusal
from provisioning.models import ProvisioningSettings, ScimToken
from saml.models import SamlSettings


def steps(
    settings: ProvisioningSettings, tokens: list[ScimToken], missing: list[Refusal], to_review: int
) -> list[Step]:
    space_key = settings.organization.space_key
    live = [token for token in tokens if token.is_live]
    first = first_request(settings.organization)
    listed = [
        _saml(settings),
        Step(
            _("Enable user provisioning"),
            settings.is_enabled and not missing,
            str(missing[0]) if missing else _done_on(settings.enabled_at),
            reverse("provisioning-manage", args=[space_key]),
            _("Manage"),
        ),
        Step(
            _("Issue a SCIM token"),
            bool(live),
            _issued(live),
            reverse("token-issue", args=[space_key]) if settings.is_enabled else "",
            _("Issue"),
        ),
        Step(
            _("First request from your IdP"),
            first is not None,
            _done_on(first) or _("Press Test connection in your IdP."),
        ),
        Step(
            _("Review existing accounts"),
            to_review == 0,
            _left(to_review),
            reverse("provisioning-review", args=[space_key]),
            _("Review"),
        ),
    ]
    return in_order(listed)


def first_request(organization: Organization) -> datetime.datetime | None:
    """The time of the IdP's first request, from the tokens, which are kept, and the sync activity."""
    used = organization.scim_tokens.aggregate(first=Min("first_used_at"))["first"]
    oldest = organization.sync_activity.order_by("at").values_list("at", flat=True).first()
    return min(filter(None, [used, oldest]), default=None)


def _saml(settings: ProvisioningSettings) -> Step:
    title = _("Turn on SAML authentication")
    if settings.organization.is_sandbox:
        return Step(title, True, _("Not needed in a sandbox"))
    saml = SamlSettings.objects.filter(organization=settings.organization).first()
    url = reverse("saml", args=[settings.organization.space_key])
    enabled_at = saml.enabled_at if saml else None
    return Step(title, enabled_at is not None, _done_on(enabled_at), url, _("Set up SAML"))


def _done_on(moment: datetime.datetime | None) -> str:
    return exact(moment) if moment else ""


def _issued(live: list[ScimToken]) -> str:
    if not live:
        return _("Shown once. Paste it into your IdP.")
    issuer = live[0].issuer
    return _("Issuer: %(member)s") % {"member": issuer.account.name} if issuer else ""


def _left(to_review: int) -> str:
    if not to_review:
        return _("All eligible accounts are Provision Managed.")
    words = ngettext(
        "%(count)s account is not Provision Managed yet.",
        "%(count)s accounts are not Provision Managed yet.",
        to_review,
    )
    return words % {"count": localize(to_review)}
