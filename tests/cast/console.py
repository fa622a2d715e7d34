"""Reading the console's pages as a person does."""

import re
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization


def url(name: str, member: Member, *more: str) -> str:
    return reverse(name, args=[member.organization.space_key, member.scim_id, *more])


def text(answer: Any) -> str:
    """What the page says, its tags and white space taken out."""
    html = re.sub(r"<script.*?</script>|<head.*?</head>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html.replace("<wbr>", "")).split())


def names_on(answer: Any) -> list[str]:
    return re.findall(r'class="person-name" href="[^"]+">([^<]+)<', answer.content.decode())


def listed(client: Client, organization: Organization, **query: str) -> list[str]:
    return names_on(client.get(reverse("members", args=[organization.space_key]), query))


def opened(client: Client, link: str) -> str:
    """Where the browser stands after a click on a mailed link: an address without the secret."""
    answer = client.get(link)
    return str(answer["Location"]) if answer.status_code == 302 else link


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def picked(name: str, organization: Organization, *members: Member, **query: str) -> str:
    """The page of a change to several members, these ticked."""
    chosen = [("member", member.scim_id) for member in members]
    return f"{reverse(name, args=[organization.space_key])}?{urlencode([*chosen, *query.items()])}"


def support_page(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
