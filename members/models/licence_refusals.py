"""A licence that is not to be had."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class NoFreeLicence(Refusal):
    code = "no_free_licence"
    sentence = _(
        "All %(bought)s %(product)s licences are in use, and this needs one more. "
        "Buy more licences, or deactivate members who no longer need theirs."
    )
    # Sentences where as many are bought.
    of_few: ClassVar[dict[Any, Promise]] = {
        0: _("No %(product)s licence has been bought, and this needs one. Buy licences first."),
        1: _(
            "The only %(product)s licence is in use, and this needs one more. "
            "Buy more licences, or deactivate members who no longer need theirs."
        ),
    }
    mended_at = "licences"

    def _put(self, sentence: str | Promise, **labels: str | Promise) -> str:
        return super()._put(self.of_few.get(self.figures.get("bought"), sentence), **labels)


class NoSubscription(Refusal):
    code = "no_subscription"
    sentence = _("This organization has no %(product)s subscription. Contact support to start one.")
    mended_at = "licences"
