"""Organizations full of people, ready for provisioning, by the loader behind manage.py import_members.

    python -m bench.fill 1000 100000

prints what a client needs, for each: the SCIM address and token, the (id, userName) of some people, and for the
console the path of the Members page with the session of an administrator.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402

from api.models import App, AppKey  # noqa: E402
from api.scopes import Scope  # noqa: E402
from members.models import Account, Organization, Product, Role, Subscription  # noqa: E402
from members.models.member.many import Person  # noqa: E402
from members.newcomers.long_file import write  # noqa: E402
from members.sessions import SessionStore  # noqa: E402
from provisioning.models import ProvisioningSettings  # noqa: E402
from tests.cast import OPERATOR, idp_actor, real_organization, scim_token  # noqa: E402

FAMILIES = ["田中", "佐藤", "Kobayashi", "鈴木", "Oliveira", "高橋", "Weber", "山本"]
# People whose ids are told: enough to ask for at random.
TOLD = 5_000


def filled(number: int, size: int, api_key: str) -> dict[str, Any]:
    slug = f"bench-{number}"
    organization = real_organization(f"{size} members", slug, f"admin@{slug}.example")
    Subscription.objects.buy(organization, Product.PASS, 10_000_000, by=OPERATOR)
    _, secret = scim_token(organization)
    for progress in write(_people(slug, size - 1), organization, by=idp_actor(organization)):
        assert not progress.refused
    return {
        "url": ProvisioningSettings.of(organization).scim_url.rstrip("/"),
        "token": secret,
        "domain": f"{slug}.example",
        "people": _some(organization, size),
        "api_key": api_key,
        "path": reverse("members", args=[organization.space_key]),
        "session": _session_of(organization.members.administrators()[0].account),
    }


def _people(slug: str, count: int) -> Iterator[Person]:
    """As an identity provider sends them; a tenth is inactive."""
    for number in range(1, count + 1):
        address = f"p{number}@{slug}.example"
        family, given = FAMILIES[number % len(FAMILIES)], str(number * 7919 % 1_000_003)
        yield Person(
            number,
            {
                "user_name": address, "email": address, "display_name": f"{family} {given}", "given_name": given,
                "family_name": family, "language": "ja", "preferred_language": "ja-JP",
            },
            role=Role.USER, external_id=address, is_active=number % 10 != 0,
        )  # fmt: skip


def _some(organization: Organization, size: int) -> list[tuple[str, str]]:
    active = organization.managed_accounts.filter(is_active=True).order_by("pk")
    found = active.values_list("memberships__scim_id", "user_name")
    return list(found[:: max(1, size // TOLD)])


def _session_of(account: Account) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "members.signin.PasswordBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


def _key_of_an_app() -> str:
    """A key for every organization; those of a former filling end."""
    for key in AppKey.objects.filter(app=App.BACKLOG, revoked_at=None):
        key.revoke(by=OPERATOR)
    return AppKey.objects.make(app=App.BACKLOG, name="Bench", scopes=[Scope.ACCESS], by=OPERATOR)[1]


def main(sizes: list[int]) -> None:
    there = Organization.objects.filter(slug__startswith="bench-").count()
    key = _key_of_an_app()
    print(json.dumps([filled(there + number, size, key) for number, size in enumerate(sizes, 1)]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
