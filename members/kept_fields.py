"""Which fields of a member the identity provider keeps. The app that hears it registers itself when it starts."""

from collections.abc import Callable

from members.models import Account, Member

Source = Callable[[Member], set[str]]
_sources: list[Source] = []


def kept_field_source(source: Source) -> Source:
    """Asked for the fields, named as on the member page, that the IdP of this organization has ever sent."""
    _sources.append(source)
    return source


def kept_fields(member: Member) -> set[str]:
    if member.account.type != Account.Type.PROVISIONED or not member.is_own:
        return set()
    return set().union(*(source(member) for source in _sources))
