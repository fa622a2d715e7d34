"""Domains that cannot be added, verified or removed."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal, Taken


class DomainAdded(Taken):
    code = "domain_added"
    sentence = _("The domain “%(domain)s” is already on the list.")


class DomainHasNoCode(Refusal):
    code = "domain_has_no_code"
    sentence = _(
        "The DNS of “%(domain)s” does not show the TXT record “%(record)s” yet. "
        "Add it, wait until it is published (up to an hour), and verify again."
    )


class TooManyLookups(Refusal):
    code = "too_many_lookups"
    sentence = _("DNS was asked %(most)s times within a minute. Wait a minute, then verify again.")


class DomainInUse(Refusal):
    code = "domain_in_use"
    sentence = _(
        "%(accounts)s Managed Accounts use addresses in “%(domain)s”. "
        "Change their addresses or delete the accounts before removing the domain."
    )
    mended_at = "members"
