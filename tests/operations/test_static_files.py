"""What a browser loads with a page: little, compressed, and only once. On the real server, as in production."""

import gzip
import http.client
import re
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from tests.cast import managed, real_organization, signed_in
from tests.cast.server import Server

KIB = 1024
MOST = 250 * KIB
# Paths that lead out of the folder, to nothing, or to a form that nobody asks for by name.
ODD = ("../staticfiles.json", "admin/../../../manage.py", "/favicon.svg", "%00", "x" * 300, "admin", "")
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


def server_status(server: Server, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers={"Host": urlsplit(server.url).netloc})
    status = connection.getresponse().status
    connection.close()
    return status


def assets_of(page: bytes) -> list[str]:
    return sorted(set(ASSET.findall(unpacked(page))))


def unpacked(page: bytes) -> str:
    """The text of a page, which comes compressed to those who take gzip."""
    return (gzip.decompress(page) if page.startswith(b"\x1f\x8b") else page).decode()


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

    assert "aiko.tanaka@aozora.example" in unpacked(page)
    assert len(page) + sum(len(fetched(server, path, "gzip")[1]) for path in assets_of(page)) < MOST


def test_pages_are_compressed_once_and_scim_is_left_to_the_proxy(
    client: Client, aozora: Organization, aiko: Member
) -> None:
    desk, scim = signed_in(client, aiko), reverse("scim:service-provider-config", args=[aozora.space_key])
    members, logged = (reverse(name, args=[aozora.space_key]) for name in ("members", "audit-log-export"))
    asked = {"Accept-Encoding": "br, gzip"}

    page, plain = desk.get(members, headers=asked), desk.get(members)
    again, file = desk.get(members, headers=asked), cast(Any, desk.post(logged, headers=asked))

    assert page["Content-Encoding"] == again["Content-Encoding"] == file["Content-Encoding"] == "gzip"
    assert b"Aiko Tanaka" in gzip.decompress(page.content)
    assert gzip.decompress(b"".join(file.streaming_content)).count(b'"id","space_key"')
    assert len(page.content) < len(plain.content) / 3
    assert all("Accept-Encoding" in answer["Vary"] for answer in (page, plain))
    assert "Content-Encoding" not in client.get(scim, headers=asked)


def test_the_icon_that_browsers_ask_for_by_themselves_is_there(client: Client) -> None:
    icon: Any = client.get("/favicon.ico")

    assert icon.status_code == 200
    assert b"".join(icon.streaming_content)[:4] == b"\x00\x00\x01\x00"


def test_a_file_collected_after_the_process_began_is_served(server: Server) -> None:
    # As a page of the next version names it, whose worker has begun already.
    name = "of-the-next-version.0123456789ab.css"
    path = Path(settings.STATIC_ROOT) / name
    url = f"{settings.STATIC_URL}{name}"
    before = server_status(server, url)
    path.write_text("body { margin: 0 }")
    try:
        headers, body = fetched(server, url, "")
    finally:
        path.unlink()

    assert before == 404
    assert (headers["Content-Type"], body) == ('text/css; charset="utf-8"', b"body { margin: 0 }")
    assert {server_status(server, f"{settings.STATIC_URL}{odd}") for odd in ODD} == {404}
