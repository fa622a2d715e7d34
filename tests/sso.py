"""Moved to tests/cast/sso.py; here until the SCIM tests have moved."""

from tests.cast.sso import *  # noqa: F403
