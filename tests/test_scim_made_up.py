"""Bodies and filters that hypothesis makes up: whatever is sent, the fault is never ours."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Member
from tests.scim import CORE, ENTERPRISE, NULAB, Idp, is_scim_error

NAMES = st.sampled_from([
    "userName", "active", "displayName", "name", "name.givenName", "nickName", "emails", "emails.value", "roles",
    'emails[type eq "work"].value', 'emails[type eq "work"]', 'roles[primary eq "True"].value', "roles.value",
    "externalId", "preferredLanguage", "timezone", f"{NULAB}:uniqueId", NULAB, f"{CORE}:active", "id", "meta",
    "groups", "title", f"{ENTERPRISE}:manager", "schemas", "", "[", "a b", "x[y", 'emails[value eq "', "ACTIVE",
])  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["True", "False", "USER", "ADMIN", "mia@aozora.example", "Asia/Tokyo", '{"a":', "[", "ja"])
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.sampled_from(["value", "type"]), inner, max_size=3)
    ),
    max_leaves=8,
)
OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["add", "replace", "remove", "Add", "Replace", "move"]) | VALUES,
        "path": NAMES | VALUES,
        "value": VALUES,
    },
)
BODIES_OF_PATCH = st.fixed_dictionaries({"Operations": st.lists(OPERATIONS | VALUES, max_size=4) | VALUES}) | VALUES


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=BODIES_OF_PATCH)
def test_no_patch_that_hypothesis_thinks_of_is_a_failure_of_ours(idp: Idp, kenji: Member, sent: Any) -> None:
    answer = idp.call("PATCH", f"/Users/{kenji.scim_id}", sent)

    assert answer.status in (200, 400, 403, 409), answer
    if answer.status == 200:
        assert idp.read(kenji.scim_id).body == answer.body
    else:
        assert is_scim_error(answer, answer.status)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.dictionaries(NAMES, VALUES, max_size=5))
def test_no_resource_that_hypothesis_thinks_of_is_a_failure_of_ours(idp: Idp, kenji: Member, sent: Any) -> None:
    for answer in (
        idp.post(sent),
        idp.put(kenji.scim_id, sent),
        idp.put(kenji.scim_id, {"userName": "kenji@aozora.example", **sent}),
    ):
        assert answer.status in (200, 201, 400, 403, 409), answer


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        NAMES
        | st.sampled_from(["eq", "co", "and", "or", "not", "(", ")", '"mia"', "pr", "true"])
        | st.text(max_size=6),
        max_size=8,
    )
)
def test_no_filter_that_hypothesis_thinks_of_is_a_failure_of_ours(idp: Idp, mia: Member, parts: list[str]) -> None:
    answer = idp.search(filter=" ".join(parts))

    assert answer.status in (200, 400), answer
    assert b"hakata" not in answer.content
