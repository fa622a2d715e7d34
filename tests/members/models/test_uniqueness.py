"""userName and Email are one namespace over the site; Unique ID and externalId are the organization's."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.keys import key_of, plain
from members.models import Account, Address, Domain, Member, Organization, Role, owning
from members.models.address_refusals import AddressTaken, AddressTakenHere
from members.models.member.refusals import UniqueIdTaken
from members.values_refusals import InvalidText, InvalidUniqueId, TextTooLong, UserNameMissing
from tests.cast import OPERATOR, idp_actor, managed, nulab_account, page_actor, provisioned
from tests.cast.rows import fresh, refused


@pytest.fixture
def shared(aozora: Organization, hakata: Organization) -> str:
    """A domain that both organizations have verified, as a company and its subsidiary do."""
    for organization in (aozora, hakata):
        Domain.objects.add(organization, "group.example", by=OPERATOR).vouch(by=OPERATOR)
    return "group.example"


def test_an_address_belongs_to_one_account_of_the_whole_site(
    aozora: Organization, hakata: Organization, shared: str
) -> None:
    managed(hakata, "yuki", user_name=f"yuki@{shared}")

    with refused(AddressTaken, "There's already an account with that email."):
        managed(aozora, "yuki", user_name=f"yuki@{shared}")


def test_nobody_learns_whose_an_address_is_outside_the_organization(
    aozora: Organization, hakata: Organization, shared: str
) -> None:
    managed(hakata, "yuki", user_name=f"yuki@{shared}", display_name="Secret Person")

    with pytest.raises(AddressTaken) as refusal:
        managed(aozora, "yuki", user_name=f"yuki@{shared}")

    assert str(refusal.value) == "There's already an account with that email."


def test_inside_the_organization_the_refusal_names_the_member(aozora: Organization, mia: Member) -> None:
    with refused(AddressTakenHere, "There's already an account with that email.", "Mia Sato"):
        managed(aozora, "mia")


@pytest.mark.parametrize(
    "variant",
    ["MIA@aozora.example", "mia@AOZORA.EXAMPLE", "Mia@Aozora.Example", " mia@aozora.example "],
    ids=["local part", "domain", "both", "blanks"],
)
def test_letter_case_makes_no_other_address(aozora: Organization, mia: Member, variant: str) -> None:
    with refused(AddressTakenHere):
        managed(aozora, "another", user_name=variant)


@pytest.mark.parametrize(
    "variant", ["ＭＩＡ", "ﬁona", "STRASSE", "ⓚenji"], ids=["wide", "ligature", "sharp s", "circled"]
)
def test_compatible_characters_make_no_other_user_name(sandbox: Organization, variant: str) -> None:
    plain = {"ＭＩＡ": "mia", "ﬁona": "FIONA", "STRASSE": "straße", "ⓚenji": "kenji"}[variant]
    managed(sandbox, "first", user_name=plain)

    with refused(AddressTakenHere):
        managed(sandbox, "second", user_name=variant)


@given(text=st.text(max_size=40))
def test_a_key_of_a_key_is_itself_whatever_the_characters(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)


def test_a_user_name_may_not_equal_somebody_elses_email(aozora: Organization, mia: Member) -> None:
    mia.change_profile({"email": "mia.private@aozora.example"}, by=OPERATOR)

    with refused(AddressTakenHere, "Mia Sato"):
        managed(aozora, "other", user_name="MIA.private@aozora.example")


def test_an_email_may_not_equal_somebody_elses_user_name(aozora: Organization, mia: Member, kenji: Member) -> None:
    with refused(AddressTakenHere, "Kenji Mori"):
        mia.change_profile({"email": "Kenji@aozora.example"}, by=OPERATOR)


def test_an_account_may_use_one_address_for_both(mia: Member) -> None:
    mia.change_profile({"email": "MIA@aozora.example"}, by=OPERATOR)

    assert fresh(mia).account.email == "MIA@aozora.example"
    assert list(Address.objects.filter(account=mia.account).values_list("key", flat=True)) == ["mia@aozora.example"]


def test_a_changed_address_frees_the_former_one(aozora: Organization, mia: Member) -> None:
    mia.change_profile({"user_name": "mia.kato@aozora.example"}, by=OPERATOR)

    newcomer = managed(aozora, "newcomer", user_name="mia@aozora.example")

    assert newcomer.account.user_name == "mia@aozora.example"


def test_a_nulab_account_shares_the_namespace(aozora: Organization, mia: Member) -> None:
    with refused(AddressTaken):
        Account.objects.register_nulab(email="MIA@aozora.example", name="Another Mia")

    nulab_account("nao@aozora.example")
    with refused(AddressTaken):
        managed(aozora, "nao")


# -- the sandbox


def test_sandbox_people_take_no_address_from_the_site(sandbox: Organization, aozora: Organization) -> None:
    managed(sandbox, "mia", user_name="mia@aozora.example")

    real = managed(aozora, "mia")

    assert real.account.user_name == "mia@aozora.example"


def test_sandbox_people_may_have_addresses_that_are_taken_on_the_site(sandbox: Organization, mia: Member) -> None:
    invented = managed(sandbox, "mia", user_name="mia@aozora.example")

    assert invented.account.pk != mia.account.pk
    assert Account.objects.with_address("mia@aozora.example") == mia.account


def test_two_sandboxes_do_not_notice_each_other(sandbox: Organization) -> None:
    other = Organization.objects.register(name="Other", slug="other", by=OPERATOR, is_sandbox=True)

    for place in (sandbox, other):
        managed(place, "bjensen", user_name="bjensen", external_id="1")

    assert [place.members.filter(user_name_key="bjensen").count() for place in (sandbox, other)] == [1, 1]


def test_sandbox_people_are_unique_within_it(sandbox: Organization) -> None:
    managed(sandbox, "bjensen", user_name="bjensen", display_name="Barbara Jensen")

    with refused(AddressTakenHere, "Barbara Jensen"):
        managed(sandbox, "bjensen", user_name="BJensen", unique_id="other")


def test_sandbox_people_cannot_have_its_administrators_address(sandbox: Organization, sam: Member) -> None:
    with refused(AddressTakenHere, "Sam Sandbox"):
        managed(sandbox, "sam", user_name="SAM.sandbox@hakata.example")
    owning.change_address(sam.account, "sam.new@hakata.example", by=page_actor(sam))
    with refused(AddressTakenHere, "Sam Sandbox"):
        managed(sandbox, "sam", user_name="SAM.new@hakata.example")
    assert managed(sandbox, "sam", user_name="SAM.sandbox@hakata.example").is_own


def test_an_administrator_cannot_join_a_sandbox_where_somebody_invented_has_the_address(sandbox: Organization) -> None:
    managed(sandbox, "nao", user_name="nao@hakata.example", display_name="Invented Nao")
    real = nulab_account("nao@hakata.example")

    with refused(AddressTakenHere, "Invented Nao"):
        Member.objects.add(sandbox, real, role=Role.ADMIN, by=OPERATOR)


def test_an_administrator_who_leaves_a_sandbox_leaves_the_address_there(sandbox: Organization, sam: Member) -> None:
    other = nulab_account("nao@hakata.example")
    Member.objects.add(sandbox, other, role=Role.ADMIN, by=OPERATOR)

    sam.remove(by=OPERATOR)

    assert managed(sandbox, "sam", user_name="sam.sandbox@hakata.example").pk
    assert Account.objects.with_address("sam.sandbox@hakata.example") == sam.account


def test_a_sandbox_accepts_any_user_name_and_no_address(sandbox: Organization) -> None:
    invented = provisioned(sandbox, "x", user_name="Barbara, 3rd floor")

    assert (invented.account.user_name, invented.account.email) == ("Barbara, 3rd floor", "")


def test_a_user_name_whose_key_would_not_fit_is_refused(sandbox: Organization) -> None:
    with refused(TextTooLong):
        managed(sandbox, "long", user_name="ﷺ" * 200)


@pytest.mark.parametrize("user_name", ["", "   "])
def test_there_is_no_account_without_a_user_name(sandbox: Organization, user_name: str) -> None:
    with refused(UserNameMissing):
        managed(sandbox, "nobody", user_name=user_name)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ud800"], ids=["NUL", "escape", "half a pair"])
def test_what_cannot_be_stored_is_refused(aozora: Organization, character: str) -> None:
    with refused(InvalidText, "display_name"):
        managed(aozora, "mia", display_name=f"Mia{character}Sato")


# -- Unique ID


def test_a_unique_id_is_the_local_part_by_default(mia: Member) -> None:
    assert mia.unique_id == "mia"
    assert not mia.unique_id_is_chosen


def test_a_default_unique_id_gets_a_number_when_it_is_taken(aozora: Organization, mia: Member) -> None:
    mia.change_profile({"user_name": "mia.kato@aozora.example"}, by=OPERATOR)

    second = managed(aozora, "second", user_name="mia@aozora.example")
    second.change_profile({"user_name": "mia.two@aozora.example"}, by=OPERATOR)
    third = managed(aozora, "third", user_name="MIA@aozora.example")

    assert [second.unique_id, third.unique_id] == ["mia2", "mia3"]


def test_a_default_unique_id_is_found_even_when_all_numbers_are_taken(sandbox: Organization) -> None:
    for number in range(45):
        managed(sandbox, "crowd", user_name=f"crowd@{number}.example")

    handles = set(sandbox.members.values_list("unique_id_key", flat=True))

    assert len(handles) == 46


@pytest.mark.parametrize(
    ("user_name", "unique_id"),
    [("a@x.example", "auser"), ("山田@x.example", "user"), ("Barbara Jensen", "barbarajensen"), ("@@@", "user")],
)
def test_a_default_unique_id_has_only_what_a_handle_may_have(
    sandbox: Organization, user_name: str, unique_id: str
) -> None:
    assert managed(sandbox, "x", user_name=user_name).unique_id == unique_id


def test_a_unique_id_does_not_follow_the_address(mia: Member) -> None:
    mia.change_profile({"user_name": "mia.kato@aozora.example"}, by=OPERATOR)

    assert fresh(mia).unique_id == "mia"


def test_a_unique_id_is_unique_in_the_organization_without_regard_to_case(mia: Member, kenji: Member) -> None:
    with refused(UniqueIdTaken, "MIA", "Mia Sato"):
        kenji.change_unique_id("MIA", by=OPERATOR)


def test_a_new_account_cannot_ask_for_a_taken_unique_id(aozora: Organization, mia: Member) -> None:
    with refused(UniqueIdTaken, "Mia", "Mia Sato"):
        managed(aozora, "yuki", unique_id="Mia")


def test_organizations_share_unique_ids_freely(hakata: Organization, mia: Member) -> None:
    neighbour = hakata.members.get(unique_id_key="mia")

    assert neighbour.unique_id == mia.unique_id


def test_the_owner_may_change_the_letter_case_of_a_unique_id(mia: Member) -> None:
    mia.change_unique_id("Mia", by=OPERATOR)

    assert fresh(mia).unique_id == "Mia"


@pytest.mark.parametrize("unique_id", ["m", "m" * 51, "mia sato", "mïa", "ｍｉａ", "mia\n", "ﬁx", "K"])
def test_a_unique_id_has_2_to_50_of_the_permitted_characters(mia: Member, unique_id: str) -> None:
    with refused(InvalidUniqueId):
        mia.change_unique_id(unique_id, by=OPERATOR)


def test_a_forgotten_unique_id_stays_the_handle(mia: Member) -> None:
    mia.change_unique_id("mimi", by=OPERATOR)

    mia.forget_unique_id(by=OPERATOR)

    assert (fresh(mia).unique_id, fresh(mia).unique_id_is_chosen) == ("mimi", False)


# -- externalId


def test_members_may_share_an_external_id(aozora: Organization, mia: Member, kenji: Member) -> None:
    kenji.change_external_id("mia-1", by=idp_actor(aozora))
    yuki = managed(aozora, "yuki", external_id="mia-1")

    assert {*aozora.members.filter(external_id="mia-1")} == {mia, kenji, yuki}


def test_an_external_id_is_compared_with_case(kenji: Member, mia: Member) -> None:
    kenji.change_external_id("MIA-1", by=OPERATOR)

    assert fresh(kenji).external_id == "MIA-1"


def test_organizations_share_external_ids_freely(hakata: Organization, mia: Member) -> None:
    assert hakata.members.get(external_id="mia-1").account.name == mia.account.name


def test_many_members_may_have_no_external_id(aozora: Organization, mia: Member, kenji: Member, aiko: Member) -> None:
    for member in (mia, kenji):
        member.change_external_id(None, by=page_actor(aiko))

    assert aozora.members.filter(external_id=None).count() == 3


@pytest.mark.parametrize("text", ["".join(map(chr, range(32, 127))), " Ab ", "", "A\tb", "ÄB ﬁ", "ẞ\u200b"], ids=ascii)
def test_the_key_of_plain_text_is_that_of_any_other(text: str) -> None:
    """The quick way for ASCII ends where the long one does."""
    once = unicodedata.normalize("NFKC", plain(text)).casefold()

    assert key_of(text) == unicodedata.normalize("NFKC", once).casefold().strip()
