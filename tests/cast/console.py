"""Reading the console's pages as a person does."""

import re
from typing import Any

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


def fresh(member: Member) -> Member:
    return Member.objects.select_related("account", "organization").get(pk=member.pk)


def opened(client: Client, link: str) -> str:
    """Where the browser stands after a click on a mailed link: an address without the secret."""
    answer = client.get(link)
    return str(answer["Location"]) if answer.status_code == 302 else link
