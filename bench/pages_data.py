"""Two organizations full of people, written straight into the tables: what bench.pages looks at.

    python -m bench.pages_data 1000 100000

prints, for each, the path of its Members page and the session of an administrator.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402

from members import actors  # noqa: E402
from members.keys import key_of  # noqa: E402
from members.models import Account, Headcount, Member, Organization, Role  # noqa: E402
from members.sessions import SessionStore  # noqa: E402

BY = actors.command("bench")
FAMILIES = ["田中", "佐藤", "Kobayashi", "鈴木", "Oliveira", "高橋", "Weber", "山本"]


def organization_of(size: int) -> dict[str, str]:
    slug = f"pages-{size}"
    organization = Organization.objects.register(name=f"{size} members", slug=slug, by=BY)
    administrator = Account.objects.register_nulab(email=f"admin@{slug}.example", name="Admin")
    Member.objects.add(organization, administrator, role=Role.ADMIN, by=BY)
    for first in range(1, size, 10_000):
        _insert(organization, range(first, min(first + 10_000, size)))
    Headcount.objects.filter(pk=organization.pk).update(members=size, active=size - (size - 1) // 10)
    return {"path": reverse("members", args=[organization.space_key]), "session": _session_of(administrator)}


def _insert(organization: Organization, numbers: range) -> None:
    people = [_account(organization, number) for number in numbers]
    Account.objects.bulk_create(people)
    places = [
        Member(organization=organization, account=account, role=Role.USER, unique_id=handle, unique_id_key=handle)
        for account in people
        if (handle := account.user_name.partition("@")[0])
    ]
    for place in places:
        place.copy_from_account()
    Member.objects.bulk_create(places)


def _account(organization: Organization, number: int) -> Account:
    name = f"{FAMILIES[number % len(FAMILIES)]} {number * 7919 % 1_000_003}"
    address = f"p{number}@{organization.slug}.example"
    return Account(
        type=Account.Type.MANAGED, managed_by=organization, user_name=address, email=address, language="ja",
        display_name=name, name=name, name_key=key_of(name), is_active=number % 10 != 0,
    )  # fmt: skip


def _session_of(account: Account) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "members.signin.PasswordBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


if __name__ == "__main__":
    print(json.dumps([organization_of(int(size)) for size in sys.argv[1:]]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
