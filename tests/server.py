"""Moved to tests/cast/server.py; here until the SCIM tests have moved."""

from tests.cast.server import *  # noqa: F403
from tests.processes import free_port as free_port
