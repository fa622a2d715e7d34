"""Moved to tests/cast/browser.py; here until the SCIM tests have moved."""

from tests.cast.browser import *  # noqa: F403
