"""Moved to tests/cast/directory_client.py; here until the SCIM tests have moved."""

from tests.cast.directory_client import *  # noqa: F403
