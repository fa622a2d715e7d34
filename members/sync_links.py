"""Where the calls of the IdP about a member are listed. The app that has them registers itself when it starts."""

from collections.abc import Callable

from members.models import Member

Source = Callable[[Member], str]
_sources: list[Source] = []


def sync_link_source(source: Source) -> Source:
    _sources.append(source)
    return source


def sync_link(member: Member) -> str:
    return next((source(member) for source in _sources), "")
