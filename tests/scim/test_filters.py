"""Filters (RFC 7644 §3.4.2.2): who is found, as it was sent; what is refused is never answered more widely."""

import json
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import values
from members.keys import key_of, plain
from members.models import Member, Organization, Role, Team
from members.refusals import Refusal
from members.values_refusals import NameMissing
from provisioning.scim.wire.filter_text import MAX_BYTES
from tests.cast import OPERATOR, managed, nulab
from tests.scim import CORE, ENTERPRISE, LIST, NULAB, Answer, Idp, is_scim_error, replace


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
    "userName eq 'mia@aozora.example' and (active eq 'True')": {"mia"},
    "displayName eq 'nobody of this name' or emails[type eq 'work'] eq 'mia@aozora.example'": {"mia"},
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
    'not (externalId co "nji")': EVERYBODY - {"kenji"},
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
    "userName", "userName eq", 'eq "x"', 'userName is "x"', 'userName eq "x', "userName eq 'x", '"x" eq "x"', "()",
    "not",
    'userName eq "x" and', 'userName eq "x" or or active eq true', '(userName eq "x"', 'userName eq "x")', "😀",
    'userName eq "a\x00b"', "\x00", 'emails[type eq "work"', "emails[]", 'userName eq {"a": 1}', 'userName eq ["a"]',
    "(" * 21 + 'userName eq "x"' + ")" * 21, " or ".join(['userName eq "x"'] * 101),
    f'userName eq "{"x" * MAX_BYTES}"', "not (" * 300 + "userName pr" + ")" * 300,
]  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_what_cannot_be_filtered_by_is_refused_never_answered_more_widely(cast: Idp, part: int) -> None:
    for filter_text in REFUSED[part::4]:
        for answer in (cast.find(filter_text), cast.find(f'userName sw "m" or ({filter_text})')):
            assert (answer.status, answer["scimType"]) == (400, "invalidFilter"), (filter_text, answer)
            assert "cannot be used" in answer.detail
            assert answer.detail.endswith("Correct the filter, or the matching attribute it is made of.")


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


def test_parameters_are_known_in_any_letter_case(cast: Idp) -> None:
    """A filter that is passed over would be answered with everybody."""
    text = 'userName sw "m"'
    asked = urlencode({"FILTER": text, "Attributes": "userName", "COUNT": 1}, quote_via=quote)
    for path in ("/Users", "/"):
        for answer in (cast.get(f"{path}?{asked}"), cast.post({"Filter": text, "Count": 1}, f"{path}/.search")):
            assert (answer["totalResults"], answer.names) == (1, ["mia@aozora.example"]), path
        assert cast.get(f"{path}?filter=id%20pr&Filter={quote(text)}").status == 400
        assert cast.post({"filter": "id pr", "Filter": text}, f"{path}/.search").status == 400
    assert set(cast.get(f"/Users?{asked}")["Resources"][0]) == {"schemas", "id", "userName"}
    assert cast.get("/Schemas?Filter=id%20pr").status == 403
    assert cast.get("/Users?attributes=userName&Attributes=displayName&count=1")["Resources"][0].keys() >= {
        "displayName",
        "userName",
    }


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
        ("Filter=userName+eq+%22nao+a@aozora.example%22", True),
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


# -- Whatever a write accepts, the filter with the value as it was sent finds: both bring it to one form


EDGES = st.text(alphabet=" \t\r\n\u00a0\u3000\u200b\u202e\u2028\ufeff", max_size=3)
INNER = st.text(max_size=12) | st.sampled_from(
    ["Straße", "ﬁ", "ＭＩＡ", "İpek", "か\u3099", "a\tb", "a \r\n b", "Ǆ", "ſ"]
)
TEXTS = st.builds(lambda before, inner, after: before + inner + after, EDGES, INNER, EDGES)
BLANKS = st.sampled_from(["", " ", "\t", "\u3000"])
HANDLES = st.text("aA9._-", min_size=2, max_size=6)
ROLES = st.sampled_from(["ADMIN", "user", " Guest ", "administrator", "Member\t", "ＵＳＥＲ"])


def finds(idp: Idp, created: Answer, path: str, sent: str) -> None:
    quoted = json.dumps(sent, ensure_ascii=False)
    for wanted in (f"{path} eq {quoted}", f"{path} eq {quoted} and active eq true", f"not ({path} ne {quoted})",
                   f"{path} ge {quoted} and {path} le {quoted}"):  # fmt: skip
        answer = idp.search(filter=wanted, count=1000)
        assert answer.status == 200, (wanted, answer)
        assert created["id"] in [user["id"] for user in answer["Resources"]], wanted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(user_name=TEXTS, text=TEXTS, handle=HANDLES, blank=BLANKS, role=ROLES, email=EDGES)
def test_what_was_written_is_found_by_the_value_as_sent(
    play_idp: Idp, user_name: str, text: str, handle: str, blank: str, role: str, email: str
) -> None:
    number = uuid.uuid4().hex
    sent = {
        "userName": user_name + number, "externalId": text + number, "displayName": text + "x",
        "name.formatted": text + "y", "name.givenName": text + "z", "name.familyName": text + "w",
        f"{NULAB}:uniqueId": f"{blank}{handle}{number[:9]}{blank}",
        "emails.value": f"{email}{number}@play.example{email}",
    }  # fmt: skip
    created = play_idp.post({
        "userName": sent["userName"], "externalId": sent["externalId"], "displayName": sent["displayName"],
        "name": {part: sent[f"name.{part}"] for part in ("formatted", "givenName", "familyName")},
        NULAB: {"uniqueId": sent[f"{NULAB}:uniqueId"]}, "roles": [{"value": role}],
        "emails": [{"value": sent["emails.value"], "type": "work"}],
    })  # fmt: skip
    if created.status == 400:
        return
    assert created.status == 201, created
    for path, value in (sent | {"roles": role, "roles.value": role, "nickName": sent[f"{NULAB}:uniqueId"],
                                'emails[type eq "work"].value': sent["emails.value"]}).items():  # fmt: skip
        finds(play_idp, created, path, value)


@given(text=TEXTS)
def test_the_form_of_a_text_has_the_same_form(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert key_of(plain(text)) == key_of(text)


def test_a_value_of_blanks_alone_is_nobodys(play_idp: Idp) -> None:
    """Somebody without an e-mail has none of that value."""
    play_idp.post({"userName": "ada"})
    for path in ("emails.value", 'emails[type eq "work"].value', "externalId", "userName", "displayName"):
        for blank in (" ", "\\t", "\u200b"):
            assert play_idp.find(f'{path} eq "{blank}"')["totalResults"] == 0, path


def test_a_user_name_with_a_space_is_found_and_matched_instead_of_refused_for_ever(idp: Idp) -> None:
    created = idp.post({"userName": " mio@aozora.example", "externalId": "m-1 ", "roles": []})
    for wanted in ('userName eq " mio@aozora.example"', 'userName eq "mio@aozora.example"', 'externalId eq "m-1 "',
                   'emails.value eq "mio@aozora.example\\t"', 'externalId eq "m-1"'):  # fmt: skip
        assert [user["id"] for user in idp.find(wanted)["Resources"]] == [created["id"]], wanted


PARTS = [('displayName sw "Mia "', True), ('displayName sw "Mia  "', False), ('displayName co " It"', True),
         ('displayName ew "Ito "', False), ('displayName co "Mia\\tI"', True), ('externalId sw "m 1"', True),
         ('externalId ew "1 "', False)]  # fmt: skip


@pytest.mark.parametrize(("wanted", "is_found"), PARTS)
def test_the_spaces_of_a_part_count(idp: Idp, wanted: str, is_found: bool) -> None:
    idp.create("mio", displayName="Mia Ito", externalId="m 1")
    assert ("mio@aozora.example" in idp.find(wanted).names) is is_found


# -- characters that nobody types

STORED_AS = [
    ("Mia\tIto", "Mia Ito"), ("Mia \r\n Ito", "Mia Ito"), ("Mia\u2028Ito", "Mia Ito"), ("Mia\x85Ito\n", "Mia Ito"),
    ("Mia\u202eIto", "MiaIto"), ("\u2067Mia Ito\u2069", "Mia Ito"), ("Mi\u200ba Ito\ufeff", "Mia Ito"),
    ("\u200b \u200bMia Ito", "Mia Ito"), ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "stored"), STORED_AS)
def test_breaks_are_a_space_and_the_invisible_is_left_out_and_named(idp: Idp, sent: str, stored: str) -> None:
    names = {"displayName": sent, "name": {"formatted": sent, "givenName": sent, "familyName": sent}}
    created = idp.create("mio", **names, externalId=sent)
    said = idp.last_activity().ignored
    assert (created["displayName"], set(created["name"].values()), created["externalId"]) == (stored, {stored}, stored)
    paths = ["displayName", "name.formatted", "name.givenName", "name.familyName", "externalId"]
    escaped = sent.encode("unicode_escape").decode()
    assert said == ([f"{path}: {escaped}" for path in paths] if stored != sent else [])
    again = idp.patch(created["id"], *(replace(path, sent) for path in paths))
    assert (again.status, again.etag) == (200, created.etag)


# Spaces, joiners, marks without a letter, and the letters and the symbol that are drawn as nothing.
UNSEEN = ["\u3164", "\u115f\u1160", "\uffa0", "\u2800 \u2800", "\u200d", "\ufe0f\u034f", "\U000e0041", "\u3000\u180b"]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_a_text_that_shows_nothing_is_none(idp: Idp, unseen: str) -> None:
    names = {"displayName": unseen, "name": {"givenName": unseen, "familyName": unseen}}
    mio = idp.create("mio", **names, externalId=unseen, nickName=unseen, roles=[{"value": unseen}], timezone=unseen)
    assert not {"displayName", "name", "externalId", "nickName"} & mio.body.keys()
    again = idp.call("PUT", f"/Users/{mio['id']}", {"userName": mio["userName"], "active": unseen, **names})
    assert (again.status, again.etag) == (200, mio.etag)
    with pytest.raises(NameMissing):
        values.name(unseen)


@pytest.mark.parametrize("seen", ["é", "\ue000", "👩\u200d💻", "の", "\U00010ffd"])
def test_a_text_of_one_letter_that_shows_is_kept(seen: str) -> None:
    assert values.name(seen) == seen


@pytest.mark.parametrize("sent", ["a\x00b", "a\x07b", "a\x1bb", "a\x9fb"])
def test_other_control_characters_are_refused(idp: Idp, sent: str) -> None:
    for body in ({"displayName": sent}, {"name": {"givenName": sent}}, {"externalId": sent}):
        answer = idp.post({"userName": "mio@aozora.example", **body})
        assert (answer.status, "cannot be stored" in answer.detail) == (400, True), answer


def test_half_a_surrogate_pair_is_refused(idp: Idp) -> None:
    assert idp.post(b'{"userName": "mio@aozora.example", "displayName": "a\\ud800"}').status == 400


def test_the_same_at_the_other_doors(aozora: Organization) -> None:
    sent = "Pla\u202et\tform \u200b"
    aozora.rename(name=sent, by=OPERATOR)
    team = Team.objects.create_team(aozora, sent, by=OPERATOR)
    assert (aozora.name, team.name) == ("Plat form", "Plat form")
    assert values.nulab_address("\u200bmia@aozora.example\r\n") == "mia@aozora.example"
    for odd in ("a\x00", "a\x07b", "\ud800"):
        with pytest.raises(Refusal):
            values.name(odd)


# -- Filters and parameters that nobody in their right mind would send: refused in words, never a wider answer


MEBIBYTE = 1024 * 1024


# -- filters and parameters


FILTERS: dict[str, str] = {
    "over 10 KB": 'userName eq "' + "x" * 10_240 + '"',
    "over 10 KB of bytes": 'userName eq "' + "あ" * 3_500 + '"',
    "101 terms": " or ".join(["active eq true"] * 101),
    "101 terms, joined by and": " and ".join(['userName co "a"'] * 101),
    "depth 21": "(" * 21 + "active eq true" + ")" * 21,
    "depth 21 of not": "not (" * 21 + "active eq true" + ")" * 21,
    "depth 2,000": "(" * 2000 + "active eq true" + ")" * 2000,
    "never closed": "(" * 2000,
    "never opened": "active eq true" + ")" * 2000,
    "half a quote": 'userName eq "mia',
    "a quote too many": 'userName eq "mia""',
    "an escaped end": 'userName eq "mia\\"',
    "a bad escape": 'userName eq "\\q"',
    "single quotes with a single one": "userName eq 'm'ia'",
    "a lookup": 'userName__startswith eq "m"',
    "a relation": 'account__email eq "mia@aozora.example"',
    "a column": 'user_name_key eq "mia@aozora.example"',
    "the organization": 'organization_id eq "1"',
    "a password": 'password sw "p"',
    "a connector": '_connector eq "OR 1=1"',
    "negated": '_negated eq "true"',
    "an alias with a quote": 'x.y"-- eq "1"',
    "an alias with a comment": 'userName/**/ eq "1"',
    "SQL": "userName eq \"x\"; DROP TABLE members_member; --\"",
    "an unknown attribute": 'title eq "Chief"',
    "an unknown one beside a known": 'userName pr and title eq "Chief"',
    "an unknown one in an or": 'userName eq "nobody" or title pr',
    "an unknown one in a not": 'not (title eq "Chief")',
    "of another schema": f'{ENTERPRISE}:department eq "IT"',
    "an unknown entry": 'emails[display eq "x"]',
    "entries of a single value": 'userName[value eq "x"]',
    "entries in entries": 'emails[value eq emails[value eq "x"]]',
    "an operator of our own": 'userName like "m"',
    "an operator twice": 'userName eq eq "m"',
    "no value": "userName eq",
    "no operator": "userName",
    "only an operator": "eq",
    "only a not": "not",
    "only brackets": "()",
    "an open end": "active eq true and",
    "an open start": "or active eq true",
    "an order of booleans": "active gt false",
    "no boolean": 'active eq "maybe"',
    "no time": 'meta.created gt "yesterday"',
    "a time of no calendar": 'meta.created gt "2026-02-31T00:00:00Z"',
    "a time before all time": 'meta.created gt "0001-01-01T00:00:00+14:00"',
    "a time after all time": 'meta.created lt "9999-12-31T23:59:59-14:00"',
    "a part of a time": 'meta.created co "2026"',
    "an object": 'userName eq {"a": 1}',
    "a list": 'userName eq ["a"]',
    "an order of nothing": "userName gt null",
    "a boolean as text": "userName eq true",
    "a NUL in a value": 'userName eq "a\\u0000b"',
    "a raw NUL": 'userName eq "a\x00b"',
    "NUL alone": "\x00",
    "half a surrogate pair": 'userName eq "\\ud800"',
    "an URN alone": CORE,
    "a path into text": 'userName.value eq "x"',
    "dots": '... eq "x"',
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_that_cannot_be_answered_is_refused_never_widened(idp: Idp, mia: Member, name: str) -> None:
    by_query = idp.find(FILTERS[name])
    by_search = idp.search(filter=FILTERS[name])

    for answer in (by_query, by_search):
        assert is_scim_error(answer, 400), answer
        assert answer["scimType"] == "invalidFilter"
        assert "Resources" not in answer.body


@pytest.mark.parametrize("value", [1, True, [], {}, ["id pr"]])
def test_a_filter_that_is_no_text_is_refused(idp: Idp, value: Any) -> None:
    answer = idp.search(filter=value)

    assert answer.status == 400 or (not value and answer.status == 200)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "' + "x" * 10_000 + '"',
        " or ".join(["active eq true"] * 100),
        "(" * 19 + "active eq true" + ")" * 19,
        'userName eq "%"',
        'userName co "_"',
        'userName co "\\\\"',
        'userName eq "\' OR 1=1 --"',
        'displayName co "${jndi:ldap://x}"',
        'externalId gt "\U0010ffff"',
        'meta.created lt "9999-12-31T23:59:59.999999Z"',
        'meta.created gt "0001-01-01T00:00:00Z"',
    ],
)
def test_a_strange_filter_within_the_limits_is_answered(idp: Idp, mia: Member, text: str) -> None:
    answer = idp.find(text)

    assert (answer.status, answer["schemas"]) == (200, [LIST]), answer
    assert not [name for name in answer.names if not name.endswith("@aozora.example")]


@pytest.mark.parametrize("text", ['userName co "_"', 'userName eq "%"', 'displayName co "%"', 'externalId sw "_"'])
def test_wildcards_of_the_database_are_letters(idp: Idp, mia: Member, text: str) -> None:
    assert idp.find(text)["totalResults"] == 0


@pytest.mark.parametrize("parameter", ["startIndex", "count"])
@pytest.mark.parametrize("value", ["x", "1.5", "0x10", "1e3", "١", "--1", "+", "null", "1;2", "\x00", "9" * 5000])
def test_a_page_that_is_no_number_is_refused_and_any_number_is_bounded(idp: Idp, parameter: str, value: str) -> None:
    answer = idp.get(f"/Users?{parameter}={quote(value)}")

    if value.startswith("9"):
        assert answer.status == 200
        assert len(answer.content) < MEBIBYTE
    else:
        assert is_scim_error(answer, 400), answer


@pytest.mark.parametrize(
    "query",
    [
        "attributes=" + "a," * 20_000,
        "attributes=%00",
        "attributes=__class__,pk,account.password",
        "excludedAttributes=id,schemas,meta.x.y.z",
        "sortBy=password&sortOrder=sideways",
        "sortBy=account__password",
        "filter=&filter=id%20pr",
        "count=1&count=2&startIndex=1",
        "%00=%00",
        "a%5B%5D=1&_connector=OR&_negated=1",
        "&&&===",
        "%ff%fe=%ff",
        "attributes=%ff",
    ],
    ids=lambda query: query[:40],
)
def test_strange_parameters_bring_nothing_to_light(idp: Idp, mia: Member, query: str) -> None:
    answer = idp.get(f"/Users?{query}")

    assert answer.status in (200, 400), answer
    assert b"password" not in answer.content
    assert b"hakata" not in answer.content


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/"])
@pytest.mark.parametrize("name", ["filter", "sortBy", "count", "startIndex"])
def test_which_of_two_is_meant_is_not_guessed(idp: Idp, mia: Member, path: str, name: str) -> None:
    value = {"filter": "id%20pr", "sortBy": "id"}.get(name, "1")

    answer = idp.get(f"{path}?{name}={value}&{name}={value}")

    assert is_scim_error(answer, 400), answer
    assert answer["scimType"] == "invalidValue"
    assert f"“{name}” may be given only once" in answer["detail"]


def test_names_in_two_lists_are_in_one(idp: Idp, mia: Member) -> None:
    [user] = idp.get(f"/Users?filter=id%20eq%20%22{mia.scim_id}%22&attributes=userName&attributes=roles")["Resources"]

    assert {"userName", "roles"} < user.keys() <= {"schemas", "id", "userName", "roles"}
