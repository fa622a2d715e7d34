"""A licence that is not to be had."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class NoFreeLicence(Refusal):
    code = "no_free_licence"
    sentence = _(
        "All %(bought)s %(product)s licences are in use, and this needs one more. "
        "Buy more licences, or deactivate members who no longer need theirs."
    )
    mended_at = "licences"


class NoSubscription(Refusal):
    code = "no_subscription"
    sentence = _("This organization has no %(product)s subscription. Start one first, or contact support.")
    mended_at = "licences"
