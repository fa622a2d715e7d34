"""If-Match and If-None-Match (RFC 9110 §13.1, RFC 7644 §3.14): for users and anything else, on every method."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import override_settings

from tests.scim import Idp, patch_body, replace, user
from tests.scim.printers import ROOM

MATCHES: dict[str, Callable[[str], str]] = {
    "as answered": lambda etag: etag,
    "strong": lambda etag: etag.removeprefix("W/"),
    "unquoted": lambda etag: etag.removeprefix("W/").strip('"'),
    "in a list": lambda etag: f'W/"x", {etag} , "y"',
    "any": lambda etag: "*",
}


@pytest.fixture
def made(idp: Idp) -> Iterator[dict[str, tuple[str, str]]]:
    """A path and an ETag of each resource."""
    ROOM.clear()
    with override_settings(SCIM_URLCONF="tests.scim.printers"):
        nao, laser = idp.create("nao"), idp.post({"displayName": "Laser"}, "/Printers")
        yield {"user": (f"/Users/{nao['id']}", nao.etag), "printer": (f"/Printers/{laser['id']}", laser.etag)}


@pytest.mark.parametrize("which", ["user", "printer"])
@pytest.mark.parametrize("form", MATCHES)
def test_a_version_is_met_in_every_form(idp: Idp, made: dict[str, tuple[str, str]], which: str, form: str) -> None:
    path, etag = made[which]
    known, other = MATCHES[form](etag), 'W/"other", "another"'
    same: dict[str, Any] = patch_body(replace("displayName", "Laser")) if which == "printer" else patch_body()

    for method in ("GET", "HEAD"):
        assert idp.call(method, path, headers={"If-None-Match": known}).status == 304
        assert idp.call(method, path, headers={"If-None-Match": other}).status == 200
        assert idp.call(method, path, headers={"If-Match": known}).status == 200
        assert idp.call(method, path, headers={"If-Match": other}).status == 412
        assert idp.call(method, path, headers={"If-Match": known, "If-None-Match": known}).status == 304
    if which == "printer":
        assert idp.call("PATCH", path, same, headers={"If-None-Match": known}).status == 412
        assert idp.call("PATCH", path, same, headers={"If-Match": other}).status == 412
        assert idp.call("PATCH", path, same, headers={"If-Match": known, "If-None-Match": other}).status == 200
    else:
        body = user("nao@aozora.example")
        assert idp.call("PUT", path, body, headers={"If-None-Match": known}).status == 412
        assert idp.call("PUT", path, body, headers={"If-Match": other}).status == 412
        assert idp.call("DELETE", path, headers={"If-None-Match": known}).status == 412
        assert idp.call("DELETE", path, headers={"If-Match": other}).status == 412
        assert idp.call("DELETE", path, headers={"If-Match": known}).status == 204


@pytest.mark.parametrize("excluded", ["*", "its own"])
def test_who_excludes_the_version_that_is_there_is_not_told_of_a_change(
    idp: Idp, made: dict[str, tuple[str, str]], excluded: str
) -> None:
    path, etag = made["user"]
    unwanted = {"If-None-Match": etag if excluded == "its own" else "*"}

    for refused in (
        idp.call("PATCH", path, patch_body(replace("active", False)), headers=unwanted),
        idp.call("DELETE", path, headers=unwanted),
    ):
        assert (refused.status, "excludes by If-None-Match" in refused.detail) == (412, True)


@pytest.mark.usefixtures("made")
def test_what_is_to_be_made_has_no_version(idp: Idp) -> None:
    for path, body in (("/Users", user("mio@aozora.example")), ("/Printers", {"displayName": "Inkjet"})):
        refused = idp.post(body, path, headers={"If-Match": 'W/"x"'})
        assert refused.status == 412
        assert "has none yet" in refused.detail
        assert idp.post(body, path, headers={"If-None-Match": "*"}).status == 201
