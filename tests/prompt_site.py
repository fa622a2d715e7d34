"""The site as a server runs it, but for reads, whose lines it writes at once rather than together (decision 36)."""

from nulab_org.wsgi import application
from operations import gathering

gathering._is_server = False

__all__ = ["application"]
