"""What a browser loads with a page: little, compressed, and only once. On the real server, as in production."""

import http.client
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.cast import managed, real_organization, signed_in
from tests.server import Server

KIB = 1024
MOST = 250 * KIB
ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')


def fetched(server: Server, path: str, encodings: str, cookies: str = "") -> tuple[http.client.HTTPMessage, bytes]:
    """Headers and body as they went over the wire."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    host = urlsplit(server.url).netloc
    connection.request("GET", path, headers={"Host": host, "Accept-Encoding": encodings, "Cookie": cookies})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, path
    return answer.headers, body


def assets_of(page: bytes) -> list[str]:
    return sorted(set(ASSET.findall(page.decode())))


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_assets_come_compressed_and_are_kept_for_ever(server: Server, encoding: str) -> None:
    assets = assets_of(fetched(server, "/signin", encoding)[1])

    assert len(assets) > 5
    for path in assets:
        if path.endswith(".woff2"):  # compressed in itself
            continue
        headers, _ = fetched(server, path, encoding)
        assert headers["Content-Encoding"] == encoding, path
        assert "immutable" in headers["Cache-Control"], path


def test_the_first_page_is_small(server: Server) -> None:
    organization = real_organization("Aozora Design", "aozora", "aiko.tanaka@aozora.example")
    for number in range(60):
        managed(organization, f"p{number}")
    aiko = organization.members.select_related("account").get(account__email="aiko.tanaka@aozora.example")
    session = signed_in(Client(), aiko).cookies[settings.SESSION_COOKIE_NAME].value
    members = reverse("members", args=[organization.space_key])

    _, page = fetched(server, members, "gzip", f"{settings.SESSION_COOKIE_NAME}={session}")

    assert "aiko.tanaka@aozora.example" in page.decode()
    assert len(page) + sum(len(fetched(server, path, "gzip")[1]) for path in assets_of(page)) < MOST
