"""Moved to tests/cast/demo_idp.py; here until the SCIM tests have moved."""

from tests.cast.demo_idp import *  # noqa: F403
