"""The search of support staff: one box for names, addresses and ids of every kind.

Apps above add what they own, such as a request id, beside their admin.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.actors import Kind
from members.console.moments import recorded
from members.keys import key_of
from members.models import Account, Address, AuditEvent, DeletedAccount, Member, Organization, Outgoing
from members.support.base import page_of
from members.texts import Text

# Hits of each kind that are shown; a longer text finds fewer.
MAX_HITS = 20
# One more is asked for, so that the page can say that there are more.
ASKED = MAX_HITS + 1


@dataclass(frozen=True)
class Hit:
    title: str
    note: str
    url: str


Finder = Callable[[str], Iterable[Hit]]
_finders: list[tuple[Text, Finder]] = []


def finder(title: Text) -> Callable[[Finder], Finder]:
    def register(find: Finder) -> Finder:
        _finders.append((title, find))
        return find

    return register


def found(words: str) -> list[dict[str, Any]]:
    """The groups in which anything was found, and whether there is more than is shown."""
    groups = [(title, list(find(words))) for title, find in _finders]
    return [
        {"title": title, "hits": hits[:MAX_HITS], "has_more": len(hits) > MAX_HITS} for title, hits in groups if hits
    ]


@finder(_("Organizations"))
def organizations(words: str) -> Iterable[Hit]:
    """Organizations by name, space key or organization ID, also a former one."""
    slug = words.lower()
    wanted = Q(name__icontains=words) | Q(space_key=words.upper()) | Q(used_ids__slug=slug)
    for row in Organization.objects.filter(wanted).distinct().order_by("name", "pk")[:ASKED]:
        facts = [row.slug, row.space_key, gettext("Sandbox") if row.is_sandbox else ""]
        yield Hit(row.name, " · ".join(filter(None, facts)), page_of(row))


@finder(_("Accounts"))
def accounts(words: str) -> Iterable[Hit]:
    """Accounts by name, address, id or externalId; each looked up by itself, which can use an index."""
    key = key_of(words)
    ids = {
        *Address.objects.filter(key__contains=key).values_list("account_id", flat=True)[:ASKED],
        *Member.objects.filter(scim_id=words.lower()).values_list("account_id", flat=True),
        *Member.objects.filter(external_id=words).values_list("account_id", flat=True)[:ASKED],
        *Member.objects.filter(unique_id_key=key).values_list("account_id", flat=True)[:ASKED],
        *Account.objects.filter(name_key__contains=key).values_list("pk", flat=True)[:ASKED],
    }
    people = Account.objects.filter(pk__in=ids).prefetch_related("memberships__organization").order_by("name_key", "pk")
    for row in people[:ASKED]:
        places = ", ".join(place.organization.name for place in row.memberships.all())
        facts = [row.user_name, row.get_type_display(), places, "" if row.is_active else gettext("Inactive")]
        yield Hit(row.name, " · ".join(filter(None, facts)), page_of(row))


@finder(_("Deleted accounts"))
def deleted_accounts(words: str) -> Iterable[Hit]:
    wanted = Q(name__icontains=words) | Q(user_name__icontains=words) | Q(scim_id=words.lower())
    rows = DeletedAccount.objects.filter(
        wanted | Q(snapshot__member__external_id=words) | Q(snapshot__member__unique_id__iexact=words)
    )
    for row in rows.select_related("organization").order_by("-deleted_at")[:ASKED]:
        yield Hit(row.name, f"{row.user_name} · {row.organization}", page_of(row))


@finder(_("Audit log"))
def events(words: str) -> Iterable[Hit]:
    """Audit events by the id of a page's request. Those of the IdP's requests stand with the call."""
    done = AuditEvent.objects.filter(request_id__in=[words, words.lower()])
    rows = done.exclude(request_id="").exclude(operator_kind=Kind.PROVISIONING)
    for row in rows.select_related("organization").order_by("-pk")[:ASKED]:
        yield Hit(row.get_event_display(), f"{row.subject} · {row.organization}", page_of(row))


@finder(_("Mails"))
def mails(words: str) -> Iterable[Hit]:
    for row in Outgoing.objects.filter(recipient__iexact=words).order_by("-pk")[:ASKED]:
        facts = [row.get_state_display(), recorded(row.created_at), row.last_error]
        yield Hit(str(row), " · ".join(filter(None, facts)), page_of(row))
