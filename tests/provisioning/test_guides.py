"""The setup guides: the same in both languages, true to the product's own words, filled in for the reader."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from markdown_it import MarkdownIt
from markdown_it.token import Token

from members.models import Member, Organization
from provisioning.models import ProvisioningSettings
from provisioning.settings.guides import GUIDES, path_of
from saml.models import SamlSettings
from tests.cast import managed, page_actor, signed_in
from tests.cast.console import text
from tests.cast.every_refusal import every_refusal

LANGUAGES = ("en", "ja")
EACH = [(idp, language) for idp in GUIDES for language in LANGUAGES]
FIGURE = re.compile(r"%\(\w+\)s…?")


def tokens_of(idp: str, language: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(path_of(idp, language).read_text("utf-8"))


def codes(idp: str, language: str) -> list[str]:
    inside = [child for token in tokens_of(idp, language) for child in token.children or []]
    return [child.content for child in inside if child.type == "code_inline"]


def quotes(idp: str, language: str) -> list[str]:
    """The sentences of this product that the guide quotes."""
    return [code for code in codes(idp, language) if code.endswith(".")]


def shape(idp: str, language: str) -> list[Any]:
    """Headings, tables with their sizes, lists with their lengths."""
    return [
        token.type + token.tag
        for token in tokens_of(idp, language)
        if token.type in ("heading_open", "table_open", "tr_open", "th_open", "list_item_open", "fence")
    ]


def opened(client: Client, organization: Organization, idp: str = "entra") -> Any:
    return client.get(reverse("guide", args=[organization.space_key, idp]))


@pytest.mark.parametrize("idp", GUIDES)
def test_both_languages_have_the_same_sections_tables_and_steps(idp: str) -> None:
    assert shape(idp, "en") == shape(idp, "ja")


@pytest.mark.parametrize("idp", GUIDES)
def test_both_languages_quote_the_same_sentences_and_values(idp: str) -> None:
    assert quotes(idp, "en") == quotes(idp, "ja")
    values = [[code for code in codes(idp, language) if "{{" in code] for language in LANGUAGES]
    assert values[0] == values[1]


@pytest.mark.parametrize(("idp", "language"), EACH)
def test_a_quoted_sentence_is_one_that_the_product_says(idp: str, language: str) -> None:
    said = {FIGURE.sub("…", str(kind.sentence)) for kind in every_refusal().values()}

    assert len(quotes(idp, language)) > 10
    assert [quote for quote in quotes(idp, language) if quote not in said] == []


@pytest.mark.parametrize(("idp", "language"), EACH)
def test_a_guide_is_filled_in_for_the_reader(
    desk: Client, aozora: Organization, aiko: Member, idp: str, language: str
) -> None:
    aiko.account.prefer(by=page_actor(aiko), language=language)

    answer = opened(desk, aozora, idp)

    saml, page = SamlSettings.of(aozora), answer.content.decode()
    assert answer.status_code == 200
    assert "{{" not in page
    for value in (
        saml.sp_entity_id,
        saml.acs_url,
        ProvisioningSettings.of(aozora).scim_url,
        f"http://localhost:8000/signin/spaces/{aozora.space_key}",
    ):
        assert value in page
    assert "**" not in text(answer)


def test_a_value_has_a_button_that_copies_it(desk: Client, aozora: Organization) -> None:
    page = opened(desk, aozora).content.decode()

    values = dict(re.findall(r'<code id="(value-\d+)">([^<]+)</code>', page))
    assert f"{ProvisioningSettings.of(aozora).scim_url}?aadOptscim062020" in values.values()
    assert re.findall(r'data-copy="([^"]+)"', page) == list(values)


def test_markup_in_a_guide_or_a_value_stays_text(
    desk: Client, aozora: Organization, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "entra.md").write_text("# A title\n\n<b>bold</b> `{{scim_url}}` `<i>` [here](javascript:x)\n\n## One\n")
    monkeypatch.setattr("provisioning.settings.guides.FOLDER", tmp_path)
    monkeypatch.setattr(ProvisioningSettings, "scim_url", "https://x/<script>")

    page = opened(desk, aozora).content.decode()

    assert "&lt;b&gt;bold" in page
    assert "https://x/&lt;script&gt;" in page
    assert "&lt;i&gt;" in page
    assert 'href="javascript' not in page


def test_an_unknown_guide_is_not_found(desk: Client, aozora: Organization) -> None:
    for name in ("other", "..", "entra.ja", "README", "%00"):
        assert desk.get(f"/spaces/{aozora.space_key}/guides/{name}").status_code == 404


def test_only_administrators_of_the_organization_read_it(
    desk: Client, client: Client, aozora: Organization, hakata: Organization, mia: Member
) -> None:
    assert opened(desk, hakata).status_code == 404
    assert opened(signed_in(Client(), mia), aozora).status_code == 403
    assert opened(Client(), aozora).status_code == 302
    assert opened(signed_in(Client(), managed(hakata, "nao")), aozora).status_code == 404


@pytest.mark.parametrize("page", ["saml", "provisioning"])
def test_the_pages_that_are_set_up_lead_to_the_guides(desk: Client, aozora: Organization, page: str) -> None:
    html = desk.get(reverse(page, args=[aozora.space_key])).content.decode()

    assert [idp for idp in GUIDES if reverse("guide", args=[aozora.space_key, idp]) not in html] == []
