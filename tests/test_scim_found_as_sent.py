"""Whatever a write accepts, the filter with the value as it was sent finds: both bring it to one form."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import values
from members.keys import key_of, plain
from members.models import Organization, Team
from members.refusals import Refusal
from tests.cast import OPERATOR
from tests.scim import NULAB, Answer, Idp, replace

EDGES = st.text(alphabet=" \t\r\n\u00a0\u3000\u200b\u202e\u2028\ufeff", max_size=3)
INNER = st.text(max_size=12) | st.sampled_from(
    ["Straße", "ﬁ", "ＭＩＡ", "İpek", "か\u3099", "a\tb", "a \r\n b", "Ǆ", "ſ"]
)
TEXTS = st.builds(lambda before, inner, after: before + inner + after, EDGES, INNER, EDGES)
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
@given(user_name=TEXTS, text=TEXTS, handle=HANDLES, role=ROLES, email=EDGES)
def test_what_was_written_is_found_by_the_value_as_sent(
    play_idp: Idp, user_name: str, text: str, handle: str, role: str, email: str
) -> None:
    number = uuid.uuid4().hex
    sent = {
        "userName": user_name + number, "externalId": text + number, "displayName": text + "x",
        "name.formatted": text + "y", "name.givenName": text + "z", "name.familyName": text + "w",
        f"{NULAB}:uniqueId": handle + number[:9], "emails.value": f"{email}{number}@play.example{email}",
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
