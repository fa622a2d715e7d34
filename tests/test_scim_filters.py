"""Filters (RFC 7644 §3.4.2.2): who is found, and what is refused instead of being answered too widely."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Member, Organization, Role, Team
from provisioning.scim.wire.filter_text import MOST_BYTES
from tests.cast import OPERATOR, managed, nulab
from tests.scim import CORE, ENTERPRISE, NULAB, Idp


@pytest.fixture
def cast(idp: Idp, hakata: Organization) -> Idp:
    """Aiko (Nulab Account), Mia and Kenji, Emi who is inactive, Straße with a folded name; Hakata has the same."""
    for organization in (idp.organization, hakata):
        if organization == idp.organization:
            managed(
                organization, "mia", external_id="mia-1", unique_id="mia.sato", given_name="Mia", family_name="Sato"
            )
            kenji = managed(organization, "kenji", external_id="Kenji-1", role=Role.ADMIN, time_zone="Asia/Tokyo")
            Team.objects.create_team(organization, "Sales", by=OPERATOR).add(kenji, by=OPERATOR)
        managed(organization, "emi", is_active=False, language="ja", email=f"emi.ueda@{organization.slug}.example")
        managed(organization, "strasse", display_name='Straße 100%_\\"', formatted_name="ÅNGSTRÖM")
    return idp


def found(idp: Idp, filter_text: str) -> set[str]:
    answer = idp.find(filter_text)
    assert answer.status == 200, answer
    assert answer["totalResults"] == len(answer["Resources"])
    return {name.partition("@")[0].partition(".")[0] for name in answer.names}


EVERYBODY = {"aiko", "mia", "kenji", "emi", "strasse"}
FOUND = {
    'userName eq "MIA@aozora.example"': {"mia"},
    'USERNAME EQ "mia@AOZORA.example"': {"mia"},
    f'{CORE}:userName eq "mia@aozora.example"': {"mia"},
    f'{CORE.upper()}:username eq "mia@aozora.example"': {"mia"},
    "userName eq mia@aozora.example": {"mia"},
    'userName eq "mia@hakata.example"': set(),
    'userName ne "mia@aozora.example"': EVERYBODY - {"mia"},
    'userName sw "m"': {"mia"},
    'userName co "@AOZORA"': EVERYBODY,
    'userName ew "nobody"': set(),
    'userName gt "kenji@aozora.example"': {"mia", "strasse"},
    'userName le "emi@aozora.example"': {"aiko", "emi"},
    "userName pr": EVERYBODY,
    'emails[type eq "work"] eq "mia@aozora.example"': {"mia"},
    "EMAILS[type eq work] EQ mia@aozora.example and active eq true": {"mia"},
    'emails[type eq "home"] eq "mia@aozora.example"': set(),
    '(emails[type eq "work"] sw "mia") or roles[primary eq true] eq "ADMIN"': {"aiko", "mia", "kenji"},
    'not (emails[type eq "work"] pr)': set(),
    'groups[display eq "Sales"] pr': {"kenji"},
    'externalId eq "mia-1"': {"mia"},
    'externalId eq "MIA-1"': set(),
    'externalId eq "kenji-1"': set(),
    'externalId sw "Ken"': {"kenji"},
    'externalId sw "ken"': set(),
    'externalId co "nji-"': {"kenji"},
    'externalId ew "-1"': {"mia", "kenji"},
    'externalId co ""': {"mia", "kenji"},
    "externalId pr": {"mia", "kenji"},
    "not (externalId pr)": EVERYBODY - {"mia", "kenji"},
    'externalId ne "mia-1"': EVERYBODY - {"mia"},
    "externalId eq null": EVERYBODY - {"mia", "kenji"},
    "externalId ne null": {"mia", "kenji"},
    'emails eq "emi.ueda@aozora.example"': {"emi"},
    'emails.value eq "EMI.UEDA@aozora.example"': {"emi"},
    'emails.value eq "emi@aozora.example"': set(),
    'emails[type eq "work"].value eq "emi.ueda@aozora.example"': {"emi"},
    'emails[type eq "work" and value eq "emi.ueda@aozora.example"]': {"emi"},
    'emails[type eq "home"]': set(),
    'emails[primary eq "True" and value co "ueda"]': {"emi"},
    "emails[primary eq false]": set(),
    'emails.type eq "Work"': EVERYBODY,
    'displayName eq "mia sato"': {"mia"},
    'displayName eq "STRASSE 100%_\\\\\\""': {"strasse"},
    'displayName co "100%"': {"strasse"},
    'displayName co "_"': {"strasse"},
    'displayName co "\\\\"': {"strasse"},
    'displayName sw "%"': set(),
    'displayName eq "\' OR 1=1 --"': set(),
    'name.formatted eq "ångström"': {"strasse"},
    'name.givenName eq "mia" and name.familyName eq "SATO"': {"mia"},
    "name pr": EVERYBODY,
    "active eq true": EVERYBODY - {"emi"},
    'active eq "False"': {"emi"},
    "active ne FALSE": EVERYBODY - {"emi"},
    "active pr": EVERYBODY,
    'preferredLanguage eq "JA"': {"emi"},
    'locale eq "ja"': {"emi"},
    'timezone eq "Asia/Tokyo"': {"kenji"},
    'timezone eq "asia/tokyo"': {"kenji"},
    'roles eq "admin"': {"aiko", "kenji"},
    'roles.value eq "ADMIN"': {"aiko", "kenji"},
    'roles[value eq "USER" and primary eq true]': {"mia", "emi", "strasse"},
    'nickName eq "MIA.SATO"': {"mia"},
    'nickName eq "emi"': set(),
    "nickName pr": {"mia"},
    f'{NULAB}:uniqueId eq "mia.sato"': {"mia"},
    'groups.display eq "sales"': {"kenji"},
    'groups[display sw "S"]': {"kenji"},
    "groups pr": {"kenji"},
    "not (groups pr)": EVERYBODY - {"kenji"},
    'groups.display ne "sales"': EVERYBODY - {"kenji"},
    'meta.resourceType eq "User"': EVERYBODY,
    'meta.resourceType eq "Group"': set(),
    'meta.created gt "2020-01-01T00:00:00Z"': EVERYBODY,
    'meta.lastModified lt "2020-01-01T00:00:00Z"': set(),
    f'schemas eq "{CORE}"': EVERYBODY,
    'userName eq "mia@aozora.example" or userName eq "kenji@aozora.example"': {"mia", "kenji"},
    'userName sw "m" or userName sw "k" and active eq false': {"mia"},
    '(userName sw "m" or userName sw "e") and active eq false': {"emi"},
    'not (userName sw "m") and not (userName sw "k")': {"aiko", "emi", "strasse"},
    'userName sw "zz" or active eq true and not (roles eq "ADMIN")': {"mia", "strasse"},
    'emails[type eq "home"] or userName sw "m"': {"mia"},
    'meta.resourceType eq "User" and userName sw "m"': {"mia"},
    'not (meta.resourceType eq "User")': set(),
    "(" * 20 + 'userName sw "m"' + ")" * 20: {"mia"},
    " or ".join(['userName sw "m"'] * 100): {"mia"},
}


@pytest.mark.parametrize("part", range(8))
def test_a_filter_finds_those_it_describes_and_nobody_next_door(cast: Idp, part: int) -> None:
    for filter_text, names in list(FOUND.items())[part::8]:
        assert found(cast, filter_text) == names, filter_text


REFUSED = [
    'title eq "x"', "password pr", 'name eq "Mia"', 'emails.display eq "x"', 'userName[value eq "x"]', 'a.b.c.d eq "x"',
    'enterprise eq "x"', "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr",
    "__class__ pr", "_connector eq \"OR\"", "account__password sw \"a\"", 'userName__contains eq "x"',
    "organization eq 1",
    "managed_by pr", 'active eq "yes"', "active gt true", 'active co "t"', "userName eq true", 'meta.created co "2026"',
    'meta.created gt "yesterday"', 'meta.created gt "2026-13-45T99:00:00Z"', 'emails.type gt "a"', "userName gt null",
    "userName", "userName eq", 'eq "x"', 'userName is "x"', 'userName eq "x', "userName eq 'x'", '"x" eq "x"', "()",
    "not",
    'userName eq "x" and', 'userName eq "x" or or active eq true', '(userName eq "x"', 'userName eq "x")', "😀",
    'userName eq "a\x00b"', "\x00", 'emails[type eq "work"', "emails[]", 'userName eq {"a": 1}', 'userName eq ["a"]',
    "(" * 21 + 'userName eq "x"' + ")" * 21, " or ".join(['userName eq "x"'] * 101),
    f'userName eq "{"x" * MOST_BYTES}"', "not (" * 300 + "userName pr" + ")" * 300,
]  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_what_cannot_be_filtered_by_is_refused_never_answered_more_widely(cast: Idp, part: int) -> None:
    for filter_text in REFUSED[part::4]:
        for answer in (cast.find(filter_text), cast.find(f'userName sw "m" or ({filter_text})')):
            assert (answer.status, answer["scimType"]) == (400, "invalidFilter"), (filter_text, answer)
            assert "cannot be used" in answer.detail


@pytest.mark.parametrize("name", ["manager", "MANAGER.value", f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value"])
def test_nobody_has_a_reference_that_is_not_kept(cast: Idp, name: str) -> None:
    mia = cast.find('userName eq "mia@aozora.example"')["Resources"][0]["id"]
    one = f'id eq "{mia}"'

    assert cast.find(f'{one} and {name} eq "2"')["totalResults"] == 0
    assert cast.find(f"{name} eq 2 and {one}")["totalResults"] == 0
    for wider in (
        f'{name} eq "2"', f'{one} or {name} eq "2"', f'{one} and {name} ne "2"', f'not ({one} and {name} eq "2")',
        f'id ne "{mia}" and {name} eq "2"', f'{one} and {name} eq "2" and title eq "x"', f"{one} and {name} pr",
        f'userName pr or ({one} and {name} eq "2")',
    ):  # fmt: skip
        assert cast.find(wider).status == 400, wider


def test_a_filter_is_searched_for_in_a_body_too(cast: Idp) -> None:
    answer = cast.search(filter='userName sw "m"', attributes=["userName"], startIndex=1, count=10)

    assert answer.names == ["mia@aozora.example"]
    assert set(answer["Resources"][0]) == {"schemas", "id", "userName"}
    assert cast.search(filter='title eq "x"').status == 400
    assert cast.search(filter=7).status == 400
    assert cast.search(count="all").status == 400
    assert cast.search(filter=None, count=None)["totalResults"] == 5
    assert cast.post({"filter": "userName pr"}, "/Users/.search")["totalResults"] == 5


def test_pages_of_a_filter_know_how_many_there_are(cast: Idp) -> None:
    for start, count, names in ((1, 2, 2), (3, 2, 2), (5, 2, 1), (6, 2, 0), (1, 0, 0), (1, 10, 5)):
        answer = cast.find("userName pr", startIndex=start, count=count)
        assert (answer["totalResults"], len(answer.names)) == (5, names)
    for start, names in ((1, 1), (2, 0)):
        answer = cast.find('userName eq "mia@aozora.example"', startIndex=start)
        assert (answer["totalResults"], len(answer.names)) == (1, names)


def test_plus_stands_for_a_space_and_an_empty_filter_for_none(cast: Idp) -> None:
    assert cast.get("/Users?filter=userName+eq+%22mia@aozora.example%22").names == ["mia@aozora.example"]
    assert cast.get("/Users/?filter=userName%20eq%20mia%40aozora.example").names == ["mia@aozora.example"]
    assert cast.get("/Users?filter=").status == 400


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("filter=userName%20eq%20%22nao+a@aozora.example%22", True),
        ("filter=userName+eq+%22nao+a@aozora.example%22", True),
        ('filter=userName+eq+"nao+a@aozora.example"&count=1', True),
        ("filter=userName%20eq%20nao+a@aozora.example", True),
        ("filter=userName%20eq%20%22nao%2Ba@aozora.example%22", True),
        ("filter=userName+eq+%22nao+b@aozora.example%22", False),
        ("filter=userName%20eq+%22nobody@aozora.example%22", False),
        ("filter=displayName+eq+%22Nao+Ito%22", True),
    ],
)  # fmt: skip
def test_a_plus_stands_for_itself_where_nobody_is_found_with_a_space(cast: Idp, query: str, finds: bool) -> None:
    managed(cast.organization, "nao+a", display_name="Nao Ito")

    answer = cast.get(f"/Users?{query}")

    assert (answer.status, answer.names) == (200, ["nao+a@aozora.example"] if finds else [])


def test_a_plus_that_can_be_read_neither_way_is_refused(cast: Idp) -> None:
    for query in ("filter=title+eq+%22a+b%22", "filter=userName%20is%20a+b", "filter=userName+eq+nao+a"):
        assert (answer := cast.get(f"/Users?{query}")).status == 400
        assert answer["scimType"] == "invalidFilter"


def test_the_inactive_are_found_and_the_deleted_are_not(cast: Idp) -> None:
    member = cast.organization.members.get(user_name_key="mia@aozora.example")
    assert found(cast, 'userName eq "emi@aozora.example"') == {"emi"}

    member.remove(by=OPERATOR)

    assert found(cast, 'userName eq "mia@aozora.example"') == set()
    assert found(cast, f'id eq "{member.scim_id}"') == set()


def test_members_are_found_by_the_time_of_their_last_change(cast: Idp, aiko: Member) -> None:
    Member.objects.filter(organization=cast.organization).update(modified_at=timezone.now() - timedelta(days=2))
    since = (timezone.now() - timedelta(days=1)).isoformat()
    cast.organization.members.get(user_name_key="mia@aozora.example").change_profile({"display_name": "M"}, by=OPERATOR)

    assert found(cast, f'meta.lastModified gt "{since}"') == {"mia"}
    assert found(cast, f'meta.lastModified le "{since}"') == EVERYBODY - {"mia"}


def test_a_member_is_found_by_id_with_regard_to_case(cast: Idp) -> None:
    member = cast.organization.members.get(user_name_key="mia@aozora.example")

    assert found(cast, f'id eq "{member.scim_id}"') == {"mia"}
    assert found(cast, f'id sw "{member.scim_id[:20]}"') == {"mia"}
    assert found(cast, f'id eq "{member.scim_id.upper()}x"') == set()


def test_the_members_own_nulab_accounts_are_found_too(cast: Idp) -> None:
    nulab(cast.organization, "yuki")

    assert found(cast, 'userName eq "YUKI@aozora.example"') == {"yuki"}
