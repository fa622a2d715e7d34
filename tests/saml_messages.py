"""Moved to tests/cast/saml_messages.py; here until the SCIM tests have moved."""

from tests.cast.saml_messages import *  # noqa: F403
