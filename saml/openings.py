"""The openings that SAML has for the app above it; members/openings.py lists the others."""

from typing import TYPE_CHECKING

from members.hooks import Hook

if TYPE_CHECKING:
    from members.actors import Actor
    from members.models import Organization

# SAML authentication is about to be turned off: an answer may be to raise a Refusal.
TURNS_SAML_OFF: "Hook[[Organization, Actor], None]" = Hook()
