"""Moved to tests/cast/post.py; here until the SCIM tests have moved."""

from tests.cast.post import *  # noqa: F403
