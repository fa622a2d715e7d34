"""What HTTP adds to SCIM: HEAD, compressed bodies, lengths."""

import gzip
import json
import zlib

import pytest

from members.models import Member
from provisioning.models import Kind
from tests.scim import CORE, Idp, is_scim_error, patch_body, replace, user
from tests.server import Server

MEBIBYTE = 1024 * 1024
GZIP = {"Content-Encoding": "gzip"}
READ = ["/Users", "/Users?count=1", "/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas",
        f"/Schemas/{CORE}", "/Users/nobody", "/Users?filter=x", "/Groups", "/Me", "/nowhere"]  # fmt: skip


def test_head_is_get_without_a_body(idp: Idp, mia: Member) -> None:
    for path in (*READ, f"/Users/{mia.scim_id}"):
        got = idp.get(path)
        told = idp.last_activity()
        head = idp.call("HEAD", path)

        assert (head.status, head.content) == (got.status, b""), path
        assert head.headers | {"x-request-id": ""} == got.headers | {"x-request-id": ""}
        assert int(head.headers["content-length"]) == len(got.content)
        line = idp.last_activity()
        assert (line.method, line.request_id) == ("HEAD", head.headers["x-request-id"])
        assert (line.kind, line.path, line.status, line.subject_id) == (
            told.kind, told.path, told.status, told.subject_id,
        )  # fmt: skip
    assert idp.last_activity().kind == Kind.READ


def test_a_version_that_is_known_has_no_length(idp: Idp, mia: Member) -> None:
    etag = idp.read(mia.scim_id).etag

    for method in ("GET", "HEAD"):
        answer = idp.call(method, f"/Users/{mia.scim_id}", headers={"If-None-Match": etag})
        assert (answer.status, answer.etag, answer.headers.get("content-length")) == (304, etag, None)
    deleted = idp.delete(mia.scim_id)
    assert (deleted.status, deleted.headers.get("content-length")) == (204, None)


def test_head_needs_a_token(idp: Idp, mia: Member) -> None:
    for path in (*READ, f"/Users/{mia.scim_id}"):
        assert idp.call("HEAD", path, headers={"Authorization": ""}).status == 401


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_a_compressed_body_is_read(idp: Idp, encoding: str) -> None:
    coded = {"Content-Encoding": encoding}
    made = idp.post(gzip.compress(json.dumps(user("nao@aozora.example")).encode()), headers=coded)
    change = gzip.compress(json.dumps(patch_body(replace("displayName", "Nao"))).encode())
    patched = idp.call("PATCH", f"/Users/{made['id']}", change, headers=coded)

    assert (made.status, patched.status, patched["displayName"]) == (201, 200, "Nao")
    assert "displayName" in idp.last_activity().body
    assert (
        idp.post(json.dumps(user("emi@aozora.example")).encode(), headers={"Content-Encoding": "identity"}).status
        == 201
    )


WHOLE = gzip.compress(b"{}")
BROKEN = {
    "plain": b"{}", "nothing": b"", "half": WHOLE[:-4], "two": WHOLE * 2, "deflate": zlib.compress(b"{}"),
    "wrong sum": WHOLE[:-8] + b"12345678", "something after it": WHOLE + b"x", "no JSON": gzip.compress(b"x"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_gzip_is_refused(idp: Idp, name: str) -> None:
    answer = idp.post(BROKEN[name], headers=GZIP)

    assert is_scim_error(answer, 400)
    assert answer["scimType"] == "invalidSyntax"


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x" * 5000])
def test_another_encoding_is_not_taken(idp: Idp, encoding: str) -> None:
    answer = idp.post(user("nao@aozora.example"), headers={"Content-Encoding": encoding})

    assert is_scim_error(answer, 415)
    assert answer.headers["accept-encoding"] == "gzip"
    assert not Member.objects.filter(account__user_name="nao@aozora.example").exists()


def test_no_more_is_inflated_than_a_body_may_hold(idp: Idp) -> None:
    coder = zlib.compressobj(9, wbits=31)
    bomb = b"".join(coder.compress(bytes(MEBIBYTE)) for _ in range(600)) + coder.flush()
    assert len(bomb) < MEBIBYTE
    fitting = json.dumps(user("nao@aozora.example", title="x" * (MEBIBYTE - 500))).encode()

    assert is_scim_error(idp.post(bomb, headers=GZIP), 413)
    assert is_scim_error(idp.post(gzip.compress(b" " * (MEBIBYTE + 1)), headers=GZIP), 413)
    assert idp.post(gzip.compress(fitting), headers=GZIP).status == 201


def test_both_pass_on_the_wire(server: Server, idp: Idp) -> None:
    wire = Idp(idp.organization, url=server.url)
    wire.post(gzip.compress(json.dumps(user("nao@aozora.example")).encode()), headers=GZIP)

    head, got = wire.call("HEAD", "/Users"), wire.get("/Users")

    assert (head.status, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert wire.delete(got["Resources"][-1]["id"]).status == 204
