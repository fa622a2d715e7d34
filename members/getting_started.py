"""The steps of Get started; apps above have theirs."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.console.checklist import Step, in_order
from members.models import Organization
from members.openings import FIRST_STEPS, HEADLINE
from members.texts import Text


@dataclass(frozen=True)
class Headline:
    """The state of what has been set up: the page's title and, if something is wrong, a banner."""

    title: Text
    kind: str = "warning"
    text: Text = ""
    url: str = ""
    link: Text = ""


def headline(organization: Organization) -> Headline | None:
    return HEADLINE.first(organization)


def steps(organization: Organization) -> list[Step]:
    return in_order(filter(None, FIRST_STEPS.ask(organization)))


@FIRST_STEPS.register
def verify_a_domain(organization: Organization) -> Step | None:
    if organization.is_sandbox:
        return None
    verified = organization.domains.filter(verified_at__isnull=False).order_by("name").values_list("name", flat=True)
    return Step(
        order=1,
        title=_("Verify a mail domain"),
        text=", ".join(verified) or _("Managed Accounts need an address in a domain that your organization owns."),
        is_done=bool(verified),
        url=reverse("domains", args=[organization.space_key]),
        action=_("Add domain"),
    )
