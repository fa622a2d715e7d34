"""Input that means harm, or none: always an answer below 500, never a hang, never more than was asked for."""

import json
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Member
from tests.rows import rows_of
from tests.scim import CORE, NULAB, Answer, Idp, patch_body, replace, user

QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.sampled_from(
    ["userName", "externalId", "emails", 'emails[type eq "work"]', "roles", "active", "name", "name.givenName", "id",
     "meta", "nickName", "value", "primary", "groups", CORE, NULAB, f"{NULAB}:uniqueId", "schemas", "displayName",
     "timezone", "(", ")", "[", "]", "eq", "ne", "co", "sw", "gt", "pr", "and", "or", "not", '"', '"x"', "true",
     "null", ".", ":", "\x00", "nao@aozora.example", "ADMIN", "😀", "ｅq", "-1", "1e999", "%", "\\"],
)  # fmt: skip
TEXTS = st.one_of(WORDS, st.text(st.characters(codec="utf-8"), max_size=20))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


def assert_sound(answer: Answer, idp: Idp) -> None:
    assert answer.status < 500, answer
    assert answer.headers["content-type"] == "application/scim+json"
    if answer.status >= 400:
        assert answer["status"] == str(answer.status)
        assert answer.detail
    assert b"hakata" not in answer.content


@QUICK
@given(fields=st.dictionaries(TEXTS, VALUES, max_size=5))
def test_no_body_is_too_odd_to_be_answered(idp: Idp, next_door: Idp, fields: dict[str, Any]) -> None:
    answer = idp.post({"userName": "odd@aozora.example", **fields})

    assert_sound(answer, idp)
    if answer.status == 201:
        assert idp.read(answer["id"]).body == answer.body
        assert_sound(idp.put(answer["id"], {"userName": "odd@aozora.example", **fields}), idp)
        assert idp.delete(answer["id"]).status == 204


@QUICK
@given(
    op=st.one_of(st.sampled_from(["add", "replace", "remove"]), VALUES), path=st.one_of(st.none(), TEXTS), value=VALUES
)
def test_no_operation_is_too_odd_to_be_answered(idp: Idp, op: Any, path: Any, value: Any) -> None:
    found = idp.find('externalId eq "odd-one"')["Resources"]
    made = found[0] if found else idp.create(f"odd{time.time_ns()}", externalId="odd-one").body

    answer = idp.patch(made["id"], {"op": op, "path": path, "value": value})

    assert_sound(answer, idp)
    now = idp.read(made["id"]).body
    assert now == (answer.body if answer.status == 200 else made)
    again = idp.patch(made["id"], {"op": op, "path": path, "value": value})
    assert_sound(again, idp)
    assert idp.read(made["id"])["meta"]["version"] == now["meta"]["version"]


@QUICK
@given(filter_text=st.lists(TEXTS, max_size=8).map(" ".join))
def test_no_filter_is_too_odd_to_be_answered(idp: Idp, next_door: Idp, filter_text: str) -> None:
    answer = idp.find(filter_text)

    assert_sound(answer, idp)
    assert answer.status in (200, 400)


@QUICK
@given(
    query=st.dictionaries(
        st.sampled_from(["startIndex", "count", "attributes", "excludedAttributes", "filter", "sortBy"]), TEXTS
    )
)
def test_no_query_is_too_odd_to_be_answered(idp: Idp, next_door: Idp, query: dict[str, str]) -> None:
    assert_sound(idp.search(**query), idp)


def test_a_deep_document_is_refused_at_once(idp: Idp) -> None:
    for depth in (65, 1_000, 100_000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            body = '{"userName":"nao@aozora.example","x":' + opening * depth + "1" + closing * depth + "}"
            started = time.perf_counter()
            answer = idp.post(body.encode())
            assert answer.status == 400
            assert time.perf_counter() - started < 10
    fits = '{"userName":"nao@aozora.example","x":' + "[" * 60 + "1" + "]" * 60 + "}"
    assert idp.post(fits.encode()).status == 201


def test_enormous_numbers_are_refused_or_ignored(idp: Idp) -> None:
    for number in ("1" * 5_000, "1e99999", "-0", "123456789012345678901234567890"):
        answer = idp.post(f'{{"userName":"nao{len(number)}@aozora.example","x":{number}}}'.encode())
        assert answer.status in (201, 400)
    assert idp.post(b'{"userName":"nao@aozora.example","externalId":123456789012345678901234567890}').status == 400


def test_look_alike_and_invisible_letters_do_not_make_a_second_person(idp: Idp, kenji: Member) -> None:
    for spelled in (
        "ＫＥＮＪＩ@aozora.example",
        "kenji@ａozora.example",
        "Kenji@AOZORA.example",
        "kenji@aozora.example\u200b",
    ):
        assert idp.post(user(spelled)).status in (400, 409), spelled


def test_sql_and_orm_words_are_only_words(idp: Idp, next_door: Idp) -> None:
    neighbour = rows_of(next_door.organization)
    for word in (
        "'; DROP TABLE members_member; --",
        'x.y"--',
        "_connector",
        "__class__",
        "%s",
        "{0}",
        "%(x)s",
        "$1",
        "?",
    ):
        assert idp.find(f"userName eq {json.dumps(word)}")["totalResults"] == 0
        assert idp.find(f"{word} eq 1").status == 400
        assert idp.get(f"/Users?sortBy={word.partition(';')[0]}").status == 200
        made = idp.create(f"n{time.time_ns()}", displayName=word, externalId=word)
        assert made["displayName"] == word
        assert idp.patch(made["id"], {"op": "add", "value": {word: word}}).status == 200
        assert idp.find(f"externalId eq {json.dumps(word)}")["totalResults"] == 1
        assert idp.find(f"displayName co {json.dumps(word)}")["totalResults"] == 1
    assert rows_of(next_door.organization) == neighbour


def test_a_header_does_not_change_who_is_asked(idp: Idp) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4", "X-HTTP-Method-Override": "DELETE"}
    made = idp.create("nao")

    assert idp.get(f"/Users/{made['id']}", headers=spoofed).body == made.body
    assert (
        idp.call("PATCH", f"/Users/{made['id']}", patch_body(replace("active", "True")), headers=spoofed).status == 200
    )
