"""Members whom a change to several at once leaves out."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class IsYourself(Refusal):
    code = "is_yourself"
    sentence = _(
        "%(member)s is your own account. Change or remove yourself on your own member page, not together with others."
    )
    mended_at = "members"


class NotAsShown(Refusal):
    code = "not_as_shown"
    sentence = _(
        "%(member)s has been changed since the page was opened, so the result would not be what the page showed. "
        "Nothing was done for this person: open the page again."
    )


class AlreadyLocked(Refusal):
    code = "already_locked"
    sentence = _("%(member)s is already locked by %(administrator)s.")
