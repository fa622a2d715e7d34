"""Conclusions from the use of tokens: which one the IdP has, and what stops when one is revoked."""

import datetime

from django.utils.translation import gettext as _

from members.console.moments import exact
from provisioning.models import ScimToken

A_MINUTE = datetime.timedelta(minutes=1)
# Time without use after which a token counts as given up, while another one is in use.
GIVEN_UP_AFTER = datetime.timedelta(days=1)


def what_stops(token: ScimToken, live: list[ScimToken]) -> list[str]:
    """The consequences of revoking it; `live` are the organization's live tokens."""
    others = [other for other in live if other.pk != token.pk]
    return [
        _("From now on, every request with it is answered with 401."),
        last_use(token),
        *(_about_the_other(token, other) for other in others),
        *(
            []
            if others
            else [
                _(
                    "There is no other live token: nothing is synchronized from then on, and people who leave keep "
                    "their access."
                )
            ]
        ),
        _("This cannot be undone."),
    ]


def last_use(token: ScimToken) -> str:
    if token.last_used_at is None:
        return _("It has never been used.")
    moment = exact(token.last_used_at)
    if not token.last_used_by:
        return _("It was last used on %(moment)s.") % {"moment": moment}
    return _("It was last used on %(moment)s by %(client)s.") % {"moment": moment, "client": token.last_used_by}


def _about_the_other(token: ScimToken, other: ScimToken) -> str:
    words = {"other": other.called}
    if other.last_used_at is None:
        if token.last_used_at is None:
            return _("The other token, “%(other)s”, has never been used either.") % words
        return (
            _(
                "Warning: the other token, “%(other)s”, has never been used. The IdP uses the one that you are about "
                "to revoke: store the other one in the IdP first, or the synchronization stops."
            )
            % words
        )
    if is_replaced(token, other):
        return _("The other token, “%(other)s”, is in use, and this one no longer is: it is safe to revoke.") % words
    return _("The other token, “%(other)s”, was last used on %(moment)s.") % {
        **words, "moment": exact(other.last_used_at),
    }  # fmt: skip


def replaced(live: list[ScimToken]) -> dict[int, ScimToken]:
    """The tokens that are safe to revoke, by key, each with the one that is in use instead."""
    return {token.pk: other for token in live for other in live if other.pk != token.pk and is_replaced(token, other)}


def is_replaced(token: ScimToken, other: ScimToken) -> bool:
    """Whether the other one is newer and in use, and this one has not been used since, or not for a day."""
    if other.first_used_at is None or other.last_used_at is None or other.created_at < token.created_at:
        return False
    if token.last_used_at is None or other.last_used_at - token.last_used_at > GIVEN_UP_AFTER:
        return True
    return token.last_used_at < other.first_used_at and not _used_within_its_minute(token, other.first_used_at)


def _used_within_its_minute(token: ScimToken, since: datetime.datetime) -> bool:
    """Whether the token was used later in the minute of its last use, from the sync activity."""
    assert token.last_used_at is not None
    calls = token.organization.sync_activity.filter(at__gte=since, at__lt=token.last_used_at + A_MINUTE)
    return calls.filter(token_prefix=token.prefix).exists()
