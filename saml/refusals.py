"""The frame of all refusals of a sign-in through an IdP; each stands beside the step that raises it.

The sentence is for the organization's administrator, who reads it in the audit log and on Test
sign-in: what was wrong and what to mend. `advice` is for the person who wants to sign in.
"""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal
from members.texts import Text
from saml.spelled_out import spelled_out

AGAIN = _("Start again from the sign-in page, in the same browser window.")
ASK_ABOUT_SETTINGS = _(
    "Ask your administrator to compare the SAML settings of this site with those of the identity provider (IdP)."
)
ASK_ABOUT_ACCOUNT = _("Ask your administrator whether you have an account here and under which address.")


class SignInRefused(Refusal):
    code = "saml_refused"
    advice: ClassVar[Text] = ASK_ABOUT_SETTINGS
    mended_at = "saml"
    # Status and Retry-After (in seconds, 0: none) of the page with the advice.
    status: ClassVar[int] = 403
    wait: ClassVar[int] = 0

    def __init__(self, **figures: Any) -> None:
        """Most figures were sent by somebody else: characters that do not show are made visible."""
        super().__init__(
            **{name: spelled_out(said) if isinstance(said, str) else said for name, said in figures.items()}
        )
