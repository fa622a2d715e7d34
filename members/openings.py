"""Every opening that this app has for the apps above it: what is asked, of whom, and what may be answered.

An app that answers registers its functions when it starts (AppConfig.ready).
"""

from typing import TYPE_CHECKING

from members.hooks import Hook

if TYPE_CHECKING:
    from django.http import HttpRequest

    from members.models import Organization
    from members.panels import Panel

# -- pages

# More on the sign-in page, below its form.
BELOW_SIGN_IN: "Hook[[HttpRequest], Panel | None]" = Hook()
# More on Get started, below its steps.
BELOW_FIRST_STEPS: "Hook[[Organization], Panel | None]" = Hook()

# -- mails

# Whether what happens now is to be told to nobody.
KEEPS_SILENT: "Hook[[], bool]" = Hook()
