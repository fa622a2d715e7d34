"""One member's page: what is known, and the edit form."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AuditEvent, Member, Organization, Product, Role, Team
from tests.cast import OPERATOR, idp_actor, managed, nulab, provisioned, scim_token
from tests.cast.console import text, url
from tests.cast.rows import fresh


def edit(client: Client, member: Member, **changes: str) -> Any:
    """The edit form as a browser sends it: every field with what the reader saw, and the changes."""
    page = client.get(url("member-edit", member))
    seen = {name: value for name, value in page.context["form"].initial.items() if name in page.context["form"].fields}
    form = {**seen, **{f"initial-{name}": value for name, value in seen.items()}, **changes}
    return client.post(url("member-edit", member), form)


def test_a_members_page_tells_what_is_known(desk: Client, aozora: Organization, kenji: Member) -> None:
    Team.objects.create_team(aozora, "Design", by=OPERATOR).add(kenji, by=OPERATOR)
    kenji.assign_licence(Product.CACOO, by=OPERATOR)

    page = text(desk.get(url("member", kenji)))

    for fact in ("Kenji Mori", "kenji@aozora.example", "@kenji", "Provision Managed", "Kept by your IdP", "kenji-1"):
        assert fact in page
    assert "Design" in page
    assert "Withdraw Cacoo" in page
    assert "Account created by User provisioning" in page


def test_the_history_is_of_this_member_alone(desk: Client, mia: Member, kenji: Member, hakata: Organization) -> None:
    their_mia = hakata.members.get(unique_id="mia")
    their_mia.change_role(Role.GUEST, by=OPERATOR)
    kenji.change_role(Role.GUEST, by=OPERATOR)

    page = text(desk.get(url("member", mia)))

    assert "Account created" in page
    assert "Role changed" not in page


def test_the_page_of_a_provisioned_member_warns_that_the_idp_will_overwrite(
    desk: Client, mia: Member, kenji: Member
) -> None:
    warning = "Changes here will be overwritten by the IdP after the synchronization"

    assert warning in text(desk.get(url("member-edit", kenji)))
    assert "an IdP sends a field again when it changes there" in text(desk.get(url("member-edit", kenji)))
    assert warning not in text(desk.get(url("member-edit", mia)))


def test_a_name_that_shows_nothing_is_no_name(desk: Client, kenji: Member) -> None:
    answer = edit(desk, kenji, name="\u3164", language="ja")

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
    assert fresh(kenji).account.language == "en"


def test_every_field_of_a_managed_account_can_be_edited_at_once(desk: Client, kenji: Member) -> None:
    answer = edit(
        desk, kenji, name="森 健二", user_name="kenji.mori@aozora.example", email="k.mori@aozora.example",
        language="ja", unique_id="kenji_m", role="ADMIN", time_zone="Asia/Tokyo",
    )  # fmt: skip

    assert answer["Location"] == url("member", kenji)
    after = fresh(kenji)
    account = after.account
    assert (account.name, account.display_name, account.language) == ("森 健二", "森 健二", "ja")
    assert (account.user_name, account.email) == ("kenji.mori@aozora.example", "k.mori@aozora.example")
    assert (after.unique_id, after.role, account.time_zone) == ("kenji_m", "ADMIN", "Asia/Tokyo")


def test_an_inactive_provisioned_account_can_be_edited(desk: Client, aozora: Organization) -> None:
    nao = provisioned(aozora, "nao", is_active=False)

    edit(desk, nao, name="Nao Itō")

    assert fresh(nao).account.name == "Nao Itō"


def test_only_what_the_reader_changed_is_written(desk: Client, aozora: Organization, kenji: Member) -> None:
    page = desk.get(url("member-edit", kenji)).context["form"].initial
    kenji.change_profile({"display_name": "Kenji by the IdP"}, by=idp_actor(aozora))

    seen = {f"initial-{name}": value for name, value in page.items()}
    desk.post(url("member-edit", kenji), {**page, **seen, "role": "GUEST"})

    assert fresh(kenji).account.name == "Kenji by the IdP"
    assert fresh(kenji).role == "GUEST"


def test_saving_without_a_change_writes_nothing(desk: Client, mia: Member) -> None:
    before = AuditEvent.objects.count()

    answer = edit(desk, mia)

    assert answer.status_code == 302
    assert AuditEvent.objects.count() == before
    assert fresh(mia).modified_at == mia.modified_at


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("user_name", "mia@hakata.example", "is not verified for this organization"),
        ("user_name", "aiko.tanaka@aozora.example", "It belongs to Aiko Tanaka of this organization"),
        ("email", "not an address", "is not an e-mail address"),
        ("unique_id", "aiko.tanaka", "is taken by Aiko Tanaka"),
        ("unique_id", "a b", "cannot be a Unique ID"),
        ("name", "M\u0007ia", "contains characters that cannot be stored"),
    ],
)
def test_a_refused_edit_says_why_and_writes_none_of_it(
    desk: Client, mia: Member, field: str, value: str, sentence: str
) -> None:
    before = AuditEvent.objects.count()

    answer = edit(desk, mia, **{"role": "GUEST", "name": "Mia Changed", field: value})

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert AuditEvent.objects.count() == before
    assert (fresh(mia).account.name, fresh(mia).role) == ("Mia Sato", "USER")


def test_a_refused_edit_links_to_where_it_can_be_mended(desk: Client, aozora: Organization, mia: Member) -> None:
    answer = edit(desk, mia, user_name="mia@elsewhere.example")

    assert f'<a href="{reverse("domains", args=[aozora.space_key])}">' in answer.content.decode()


def test_of_a_nulab_account_only_the_role_can_be_changed(desk: Client, aozora: Organization) -> None:
    yuki = nulab(aozora, "yuki")

    edit(desk, yuki, role="GUEST", name="Mallory", user_name="mallory@aozora.example", language="ja")

    after = fresh(yuki)
    assert after.role == "GUEST"
    assert (after.account.name, after.account.user_name, after.account.language) == (
        "Yuki Abe", "yuki@aozora.example", "en",
    )  # fmt: skip


def test_an_account_managed_elsewhere_is_at_most_member_here(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    guest = Member.objects.add(aozora, managed(hakata, "emi").account, role=Role.GUEST, by=OPERATOR)

    refused = edit(desk, guest, role="ADMIN")
    edit(desk, guest, role="USER")

    assert refused.status_code == 422
    assert "managed by another organization" in text(refused)
    assert fresh(guest).role == "USER"


def test_the_last_administrator_cannot_be_demoted(desk: Client, aiko: Member) -> None:
    answer = edit(desk, aiko, role="USER")

    assert "is the last active administrator" in text(answer)
    assert fresh(aiko).role == "ADMIN"


def test_the_token_issuer_cannot_be_demoted_and_is_told_where_to_change_that(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    nulab(aozora, "yuki", role=Role.ADMIN)
    scim_token(aozora, issuer=aiko)

    answer = edit(desk, aiko, role="USER")

    assert "is the issuer of the live SCIM token" in text(answer)
    assert reverse("provisioning", args=[aozora.space_key]) in answer.content.decode()
    assert fresh(aiko).role == "ADMIN"
