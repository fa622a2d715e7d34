"""Sorted lists (RFC 7644 §3.4.2.3): in the order that scim2-models gives, by whatever can be filtered by."""

from typing import Any
from typing import cast as cast_to
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scim2_models import ScimFilter, SearchRequest

from members.models import Organization, Role, Team
from provisioning.scim.groups.filterable import FILTERABLE as GROUPS
from provisioning.scim.groups.resource import Group
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.resource import NulabUser, User
from tests.cast import OPERATOR, managed, nulab, provisioned
from tests.scim import CORE, NULAB, SEARCH, Answer, Idp, is_scim_error

NAMES = [name for name in FILTERABLE.columns if not name.startswith("urn:")] + [f"{NULAB}:uniqueId"]

# Typed as what they are when they run.
PERSON: Any = cast_to(Any, User)[NulabUser]
FILTER: Any = cast_to(Any, ScimFilter)[PERSON]
REQUEST: Any = SearchRequest


@pytest.fixture
def cast(idp: Idp, hakata: Organization) -> Idp:
    """People who differ in everything that can differ, some without it; and a neighbour."""
    organization = idp.organization
    managed(hakata, "anna")
    made = [
        managed(organization, "mia", unique_id="mia.sato", given_name="Mia", family_name="Sato"),
        managed(organization, "Kenji", role=Role.ADMIN, time_zone="Asia/Tokyo", display_name="kenji"),
        managed(organization, "emi", is_active=False, language="ja", email=f"zoe@{organization.slug}.example"),
        managed(organization, "strasse", display_name="Straße", formatted_name="Ångström"),
        managed(organization, "zwei", display_name="ZWEI"),
        managed(organization, "drei", display_name="zwei", preferred_language="en-US", locale="ja-JP"),
    ]
    for handle, external_id in (("ext1", "B"), ("ext2", "a"), ("ext3", "b")):
        provisioned(organization, handle, external_id=external_id)
    nulab(organization, "yuki")
    for name, people in (("Sales", made[:3]), ("about", made[1:4])):
        team = Team.objects.create_team(organization, name, by=OPERATOR)
        for member in people:
            team.add(member, by=OPERATOR)
    return idp


def listed(idp: Idp, **query: Any) -> Answer:
    answer = idp.get("/Users?" + "&".join(f"{name}={quote(str(value))}" for name, value in query.items()))
    assert answer.status == 200, answer
    return answer


def ids(answer: Answer) -> list[str]:
    return [user["id"] for user in answer["Resources"]]


def everybody(idp: Idp) -> list[Any]:
    return [PERSON.model_validate(one) for one in listed(idp)["Resources"]]


def in_order(people: list[Any], name: str, order: str) -> list[Any]:
    return list(REQUEST(sort_by=name, sort_order=order).sort(people))


@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_the_order_is_that_of_scim2_models(cast: Idp, order: str) -> None:
    people = everybody(cast)
    for name in NAMES:
        wanted = in_order(people, name, order)
        found = listed(cast, sortBy=name, sortOrder=order)
        assert ids(found) == [one.id for one in wanted], name
        assert ids(cast.search(sortBy=name.upper(), sortOrder=order.upper())) == ids(found), name


def test_without_a_value_is_last_and_descending_first(cast: Idp) -> None:
    up, down = (listed(cast, sortBy="externalId", sortOrder=order) for order in ("ascending", "Descending"))

    assert [user.get("externalId") for user in up["Resources"]][:4] == ["B", "a", "b", None]
    assert [user.get("externalId") for user in down["Resources"]][-4:] == [None, "b", "a", "B"]


def test_the_words_of_a_constant_attribute_leave_the_order_of_coming(cast: Idp) -> None:
    assert ids(listed(cast, sortBy="meta.resourceType")) == ids(listed(cast))
    assert ids(listed(cast, sortBy="")) == ids(listed(cast, sortOrder="descending")) == ids(listed(cast))
    assert ids(listed(cast, sortBy=f"{CORE}:userName")) == ids(listed(cast, sortBy="userName"))


@pytest.mark.parametrize("name", ["userName", "active", "groups.display", "externalId", "meta.created"])
@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_pages_together_are_the_whole_list(cast: Idp, name: str, order: str) -> None:
    whole = ids(listed(cast, sortBy=name, sortOrder=order))

    by_number = [listed(cast, sortBy=name, sortOrder=order, count=3, startIndex=start) for start in (1, 4, 7, 10)]
    assert [one for page in by_number for one in ids(page)] == whole
    filtered = listed(cast, sortBy=name, sortOrder=order, filter="externalId pr", count=2)
    assert (filtered["totalResults"], filtered["itemsPerPage"]) == (3, 2)
    assert ids(filtered) == [one for one in whole if one in ids(listed(cast, filter="externalId pr"))][:2]


@pytest.mark.parametrize(
    ("query", "scim_type", "words"),
    [
        (
            "sortBy=password",
            "invalidPath",
            "cannot be sorted by “•••”: choose an attribute that can be filtered by",
        ),
        ("sortBy=name", "invalidPath", "cannot be sorted by “name”"),
        ("sortBy=schemas", "invalidPath", "“schemas”"),
        ("sortBy=emails%5Btype%20eq%20%22work%22%5D", "invalidPath", "cannot be sorted by"),
        ("sortBy=userName&sortOrder=up", "invalidValue", "“ascending” or “descending”"),
    ],
)
def test_what_cannot_be_sorted_by_is_refused_in_words(idp: Idp, query: str, scim_type: str, words: str) -> None:
    answer = idp.get(f"/Users?{query}")

    assert is_scim_error(answer, 400)
    assert (answer["scimType"], words in answer.detail) == (scim_type, True), answer.detail
    assert idp.post({"schemas": [SEARCH], "sortBy": 7}, "/Users/.search")["scimType"] == "invalidPath"
    assert idp.post({"schemas": [SEARCH], "sortOrder": []}, "/Users/.search")["scimType"] == "invalidValue"


# -- any filter, any order


TEXTS = [
    "userName", "externalId", "displayName", "name.givenName", "name.familyName", "name.formatted", "emails.value",
    "preferredLanguage", "locale", "timezone", "roles.value", "nickName", f"{NULAB}:uniqueId", "groups.display", "id",
]  # fmt: skip
VALUES = ["", "zwei", "KENJI", "mia", "ja", "en", "Sales", "about", "b", "B", "ADMIN", "guest", "e", "z", "ångström"]
quoted = st.sampled_from(VALUES).map(lambda value: f'"{value}"')
comparisons = st.one_of(
    st.tuples(
        st.sampled_from(TEXTS),
        st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]),
        quoted.filter(lambda v: v != '""'),
    ),
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(["co", "sw", "ew"]), quoted.filter(lambda v: v != '""')),
    st.tuples(st.sampled_from(TEXTS), st.just("pr"), st.just("")),
    st.tuples(st.just("active"), st.sampled_from(["eq", "ne"]), st.sampled_from(["true", "false"])),
    st.tuples(st.sampled_from(["emails", "roles", "groups"]), st.just("pr"), st.just("")),
).map(lambda parts: " ".join(parts).strip())
entries = st.tuples(
    st.sampled_from(["emails[", "groups["]), st.sampled_from(["value pr", 'value co "e"', 'not (value sw "z")'])
).map(lambda parts: f"{parts[0]}{parts[1]}]")
filters = st.recursive(
    comparisons | entries,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(filters, st.sampled_from(NAMES), st.sampled_from(["ascending", "descending"]))
def test_a_filter_finds_whom_scim2_models_finds_in_its_order(
    cast: Idp, filter_text: str, sort_by: str, order: str
) -> None:
    asked = FILTER(filter_text)
    wanted = [one for one in everybody(cast) if asked.match(one)]
    wanted = in_order(wanted, sort_by, order)

    found = listed(cast, filter=filter_text, sortBy=sort_by, sortOrder=order)

    assert ids(found) == [one.id for one in wanted], filter_text
    assert found["totalResults"] == len(wanted)


# -- groups

GROUP_TEXTS = ["displayName", "externalId", "members.value", "id"]
GROUP_VALUES = ["sales", "About", "b", "B", "z", "e"]
group_comparisons = st.one_of(
    st.tuples(
        st.sampled_from(GROUP_TEXTS),
        st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "le"]),
        st.sampled_from(GROUP_VALUES).map(lambda value: f'"{value}"'),
    ),
    st.tuples(st.sampled_from([*GROUP_TEXTS, "members"]), st.just("pr"), st.just("")),
    st.tuples(st.just("members["), st.sampled_from(['value co "e"', 'not (value sw "b")', "value pr"]), st.just("]")),
).map(lambda parts: " ".join(parts).strip())
group_filters = st.recursive(
    group_comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=4,
)
GROUP: Any = Group
GROUP_FILTER: Any = cast_to(Any, ScimFilter)[Group]


@pytest.fixture
def teams(cast: Idp) -> Idp:
    for name, external_id in (("Zebra", "b"), ("ängström", "B"), ("empty", None)):
        cast.post({"displayName": name, **({"externalId": external_id} if external_id else {})}, "/Groups")
    return cast


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(group_filters, st.sampled_from(list(GROUPS.columns)), st.sampled_from(["ascending", "descending"]))
def test_groups_are_found_and_sorted_alike(teams: Idp, filter_text: str, sort_by: str, order: str) -> None:
    asked, everything = GROUP_FILTER(filter_text), teams.get("/Groups")["Resources"]
    wanted = in_order([one for one in map(GROUP.model_validate, everything) if asked.match(one)], sort_by, order)

    found = teams.get(f"/Groups?filter={quote(filter_text)}&sortBy={sort_by}&sortOrder={order}")

    assert ids(found) == [one.id for one in wanted], filter_text
    assert found["totalResults"] == len(wanted)
