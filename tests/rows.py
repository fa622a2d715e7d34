"""Moved to tests/cast/rows.py; here until the SCIM tests have moved."""

from tests.cast.rows import *  # noqa: F403
