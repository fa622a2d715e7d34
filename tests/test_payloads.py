"""Recorded requests of Entra, Okta and OneLogin, replayed through the public URL.

One file each under tests/payloads/, named after what it does:

    about      where it was seen, if the name does not say it
    before     resources that exist already, POSTed first; the first one is {id} in the request
    request    method, path, body
    expected   status; body: the fields that the answer must have (null: must not have);
               ignored: what the sync activity must name
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rows import rows_of
from tests.scim import Idp, contains

FOLDER = Path(__file__).parent / "payloads"
FILES = sorted(FOLDER.glob("*/*.json"))


def test_there_are_payloads_of_every_identity_provider() -> None:
    assert {path.parent.name for path in FILES} == {"entra", "okta", "onelogin"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_request_is_answered_as_expected(path: Path, idp: Idp, next_door: Idp) -> None:
    payload: dict[str, Any] = json.loads(path.read_text())
    scim_id = ""
    for resource in payload.get("before", []):
        made = idp.post(resource)
        assert made.status == 201, made
        scim_id = scim_id or made["id"]
    neighbour = rows_of(next_door.organization)
    request, expected = payload["request"], payload["expected"]

    answer = idp.call(request["method"], request["path"].replace("{id}", scim_id), filled(request.get("body"), scim_id))

    assert answer.status == expected["status"], answer
    assert contains(answer.body or {}, filled(expected.get("body", {}), scim_id)), answer.body
    assert set(expected.get("ignored", [])) <= set(idp.last_activity().ignored)
    if request["method"] in ("PUT", "PATCH", "POST") and answer.status < 300 and ".search" not in request["path"]:
        assert idp.read(answer["id"]).body == answer.body
    assert rows_of(next_door.organization) == neighbour


def filled(document: Any, scim_id: str) -> Any:
    return json.loads(json.dumps(document).replace("{id}", scim_id))
