"""A person who can sign in: names, addresses, language, and who owns the account."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from members import values
from members.keys import key_of, plain
from members.models import Account, Event, Member, Organization, Product, Role, Subscription
from members.models.account_refusals import HasNoPassword, PasswordChanged
from members.models.address_refusals import AddressTakenHere
from members.models.licence_refusals import NoFreeLicence
from members.models.member.profile import Profile
from members.models.member.refusals import IsNulabAccount, ManagedElsewhere
from members.refusals import Refusal
from members.values_refusals import (
    DomainNotVerified,
    InvalidLanguage,
    InvalidTimeZone,
    NotAnAddress,
    TextTooLong,
    UserNameMissing,
)
from tests.cast import (
    OPERATOR,
    PASSWORD,
    idp_actor,
    managed,
    nulab,
    nulab_account,
    page_actor,
    signed_in,
    with_second_factor,
)
from tests.cast.rows import fresh, last_event, refused, rows_of, unchanged


def test_a_nulab_account_signs_in_with_its_password(aozora: Organization) -> None:
    account = nulab_account("nao@elsewhere.example")

    assert account.check_password(PASSWORD)
    assert account.type == Account.Type.NULAB


@pytest.mark.django_db
def test_an_invited_nulab_account_has_no_usable_password() -> None:
    assert not nulab_account("nao@elsewhere.example", password=None).has_usable_password()


def test_a_managed_account_has_no_password(mia: Member, kenji: Member) -> None:
    assert not any(member.account.has_usable_password() for member in (mia, kenji))


def test_a_nulab_account_may_belong_to_several_organizations(aozora: Organization, hakata: Organization) -> None:
    nao = nulab(aozora, "nao")

    there = Member.objects.add(hakata, nao.account, role=Role.ADMIN, by=OPERATOR)

    assert there.account == nao.account
    assert there.scim_id != nao.scim_id


def test_a_managed_account_may_be_invited_elsewhere_and_stays_its_managers(hakata: Organization, mia: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    assert not fresh(place).is_own
    assert fresh(mia).is_own


def test_only_the_managing_organization_edits_the_account(hakata: Organization, mia: Member, ren: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    for by in (page_actor(ren), idp_actor(hakata)):
        with refused(ManagedElsewhere, "Mia Sato"):
            place.change_profile({"display_name": "Stolen"}, by=by)


def test_editing_abroad_leaves_the_managing_organization_known(hakata: Organization, mia: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.GUEST, by=OPERATOR)

    place.change_role(Role.USER, by=OPERATOR)

    assert place.account.managed_by == mia.organization


def test_nobody_edits_a_nulab_account(aozora: Organization, aiko: Member) -> None:
    nao = nulab(aozora, "nao")

    for by in (page_actor(aiko), idp_actor(aozora)):
        with refused(IsNulabAccount, "Nao Ito"):
            nao.change_profile({"display_name": "Other"}, by=by)


# -- Name


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"display_name": "D", "formatted_name": "F", "given_name": "G", "family_name": "Y"}, "D"),
        ({"display_name": "", "formatted_name": "F", "given_name": "G", "family_name": "Y"}, "F"),
        ({"display_name": "", "given_name": "G", "family_name": "Y"}, "G Y"),
        ({"display_name": "", "given_name": "G"}, "G"),
        ({"display_name": "", "family_name": "Y"}, "Y"),
        ({"display_name": "", "formatted_name": "  "}, "yuki"),
    ],
)
def test_name_is_the_best_of_what_was_sent(aozora: Organization, names: Profile, name: str) -> None:
    assert fresh(managed(aozora, "yuki", **names)).account.name == name


def test_the_parts_of_a_name_are_kept_as_sent(mia: Member) -> None:
    mia.change_profile({"given_name": "Mia", "family_name": "佐藤"}, by=OPERATOR)

    account = fresh(mia).account
    assert (account.given_name, account.family_name, account.name) == ("Mia", "佐藤", "Mia Sato")


def test_a_local_part_that_serves_as_name_follows_the_address(aozora: Organization) -> None:
    yuki = managed(aozora, "yuki", display_name="")

    yuki.change_profile({"user_name": "yuki.abe@aozora.example"}, by=OPERATOR)

    assert fresh(yuki).account.name == "yuki.abe"


# -- Email


def test_email_follows_the_user_name_until_one_is_sent(mia: Member) -> None:
    mia.change_profile({"user_name": "mia.kato@aozora.example"}, by=OPERATOR)
    assert fresh(mia).account.email == "mia.kato@aozora.example"

    mia.change_profile({"email": "m@aozora.example"}, by=OPERATOR)
    mia.change_profile({"user_name": "mia@aozora.example"}, by=OPERATOR)
    assert fresh(mia).account.email == "m@aozora.example"

    mia.change_profile({"email": None}, by=OPERATOR)
    assert fresh(mia).account.email == "mia@aozora.example"


def test_both_addresses_may_change_at_once(mia: Member) -> None:
    mia.change_profile({"user_name": "a@aozora.example", "email": "b@aozora.example"}, by=OPERATOR)

    now = fresh(mia)
    assert (now.account.user_name, now.account.email) == ("a@aozora.example", "b@aozora.example")
    assert (now.user_name_key, now.email_key) == ("a@aozora.example", "b@aozora.example")


def test_addresses_are_known_in_every_organization(hakata: Organization, mia: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)
    former = place.modified_at

    mia.change_profile({"user_name": "mia.kato@aozora.example"}, by=OPERATOR)

    assert (fresh(place).user_name_key, fresh(place).email_key) == ("mia.kato@aozora.example",) * 2
    assert fresh(place).modified_at > former


def test_sending_the_address_that_it_has_changes_nothing_to_be_seen(aozora: Organization, mia: Member) -> None:
    before, events = fresh(mia).modified_at, aozora.audit.count()

    mia.change_profile({"email": "mia@aozora.example"}, by=OPERATOR)

    assert (fresh(mia).modified_at, aozora.audit.count()) == (before, events)
    mia.change_profile({"user_name": "mia.kato@aozora.example"}, by=OPERATOR)
    assert fresh(mia).account.email == "mia@aozora.example"


def test_a_sandbox_user_name_that_is_no_address_is_no_email(sandbox: Organization) -> None:
    assert managed(sandbox, "x", user_name="bjensen").account.email == ""


# -- the rest


def test_a_change_is_audited_with_before_and_after(aozora: Organization, hakata: Organization, mia: Member) -> None:
    before = rows_of(hakata)

    mia.change_profile({"display_name": "Mia Kato", "language": "ja", "time_zone": "UTC"}, by=OPERATOR)

    assert last_event(aozora).changes == {
        "display_name": ["Mia Sato", "Mia Kato"],
        "name": ["Mia Sato", "Mia Kato"],
        "language": ["en", "ja"],
    }
    assert rows_of(hakata) == before


def test_the_same_again_changes_nothing(mia: Member) -> None:
    with unchanged():
        mia.change_profile(
            {"display_name": "Mia Sato", "user_name": "mia@aozora.example", "language": "en"}, by=OPERATOR
        )


@pytest.mark.parametrize(
    ("profile", "refusal"),
    [
        ({"language": "fr"}, InvalidLanguage),
        ({"time_zone": "Mars/Olympus"}, InvalidTimeZone),
        ({"time_zone": "localtime"}, InvalidTimeZone),
        ({"time_zone": "../etc/passwd"}, InvalidTimeZone),
        ({"display_name": "x" * 257}, TextTooLong),
        ({"email": "no address"}, NotAnAddress),
        ({"email": "mia@hakata.example"}, DomainNotVerified),
        ({"user_name": ""}, UserNameMissing),
    ],
)
def test_one_bad_field_refuses_the_whole_change(mia: Member, profile: Profile, refusal: type[Refusal]) -> None:
    with refused(refusal):
        mia.change_profile({"given_name": "Changed", **profile}, by=OPERATOR)


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=80))
def test_any_text_without_control_characters_is_a_name(text: str) -> None:
    try:
        assert values.text("name", text) == plain(text)
    except TextTooLong:
        assert len(key_of(text)) > 2 * values.MAX_TEXT


@given(text=st.text(max_size=60))
def test_a_suggested_unique_id_is_always_one(text: str) -> None:
    assert values.unique_id(values.unique_id_from(text))


# -- preferences


def test_the_owner_of_a_nulab_account_reads_it_in_another_language(aozora: Organization, aiko: Member) -> None:
    aiko.account.prefer(language="ja", theme="dark", time_zone="Asia/Tokyo", by=page_actor(aiko))

    account = fresh(aiko).account
    assert (account.language, account.theme, account.time_zone) == ("ja", "dark", "Asia/Tokyo")


def test_a_managed_accounts_language_goes_the_way_of_its_fields(aozora: Organization, mia: Member) -> None:
    mia.account.prefer(language="ja", theme="dark", by=page_actor(mia))

    assert (fresh(mia).account.language, fresh(mia).account.theme) == ("ja", "dark")
    assert last_event(aozora).changes == {"language": ["en", "ja"]}


# -- the object at hand


def test_a_refused_change_leaves_the_object_as_the_database_has_it(aozora: Organization, mia: Member) -> None:
    with refused(DomainNotVerified):
        mia.change_profile({"display_name": "Mia Kato", "email": "mia@hakata.example"}, by=OPERATOR)
    managed(aozora, "yuki")
    with refused(AddressTakenHere, "Yuki Abe"):
        mia.change_profile({"display_name": "Mia Kato", "email": "yuki@aozora.example"}, by=OPERATOR)

    account = mia.account
    assert (account.name, account.email, account.email_follows_user_name) == ("Mia Sato", "mia@aozora.example", True)
    assert mia.email_key == "mia@aozora.example"


def test_a_refused_conversion_leaves_the_object_a_nulab_account(aozora: Organization) -> None:
    nao = nulab(aozora, "nao")
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)

    with refused(NoFreeLicence):
        nao.convert_to_managed(by=OPERATOR)

    assert (nao.account.is_managed, nao.account.managed_by, nao.is_own) == (False, None, False)
    assert nao.account.check_password(PASSWORD)


# -- passwords


def test_the_owner_of_a_nulab_account_chooses_a_password_which_ends_all_sessions(
    aozora: Organization, hakata: Organization, client: Client
) -> None:
    nao = nulab(aozora, "nao")
    Member.objects.add(hakata, nao.account, role=Role.USER, by=OPERATOR)
    signed_in(client, nao)

    nao.account.choose_password("another long one", by=page_actor(nao))

    assert fresh(nao).account.check_password("another long one")
    assert not nao.account.sessions.exists()
    assert [last_event(place).event for place in (aozora, hakata)] == [Event.PASSWORD_SET] * 2


@pytest.mark.parametrize("state", ["managed", "inactive"])
def test_a_link_opened_before_the_account_changed_sets_no_password(aozora: Organization, state: str) -> None:
    nao = nulab(aozora, "nao")
    as_the_page_read_it = Account.objects.get(pk=nao.account_id)
    if state == "managed":
        nao.convert_to_managed(by=OPERATOR)
    else:
        Account.objects.filter(pk=nao.account_id).update(is_active=False)

    with refused(HasNoPassword):
        as_the_page_read_it.choose_password("another long one", by=page_actor(nao))
    with refused(HasNoPassword):
        with_second_factor(as_the_page_read_it)


def test_of_two_who_have_proved_the_former_password_one_replaces_it(aozora: Organization) -> None:
    nao = nulab(aozora, "nao")
    one, other = Account.objects.get(pk=nao.account_id), Account.objects.get(pk=nao.account_id)
    one.choose_password("another long one", by=page_actor(nao))

    with refused(PasswordChanged):
        other.choose_password("yet another long one", by=page_actor(nao))

    assert fresh(nao).account.check_password("another long one")
