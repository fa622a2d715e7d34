"""Moved to tests/cast/console.py; here until the SCIM tests have moved."""

from tests.cast.console import *  # noqa: F403
