"""The setup guides: Markdown files of docs/guides/, shown with an organization's own values.

A guide writes `{{scim_url}}` where the reader's value belongs; on the page that becomes the value
with a button that copies it. Values are filled in after the Markdown is parsed and escaped like
any other text, so a value cannot be markup, and HTML in a guide is not either.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from members.models import Organization
from provisioning.models import ProvisioningSettings
from saml.models import SamlSettings

FOLDER = Path(settings.BASE_DIR, "docs", "guides")
GUIDES = ("entra", "okta", "onelogin", "cloudgate")
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
# Marks of Markdown, which are dropped when a heading of a table becomes a label.
MARKS = re.compile(r"[`*]")


@dataclass(frozen=True)
class Guide:
    title: str
    # Identifier and words of each section.
    sections: list[tuple[str, str]]
    html: SafeString


def values(organization: Organization) -> dict[str, str]:
    saml = SamlSettings.of(organization)
    return {
        "sp_entity_id": saml.sp_entity_id,
        "acs_url": saml.acs_url,
        # OneLogin compares the address with a regular expression.
        "acs_pattern": f"^{re.escape(saml.acs_url)}$",
        "signin_url": f"{settings.BASE_URL}/signin/spaces/{organization.space_key}",
        "scim_url": ProvisioningSettings.of(organization).scim_url,
    }


def path_of(idp: str, language: str) -> Path:
    return FOLDER / (f"{idp}.md" if language == "en" else f"{idp}.{language}.md")


def guide(idp: str, language: str, filled_in: Mapping[str, str]) -> Guide:
    tokens = _markdown.parse(path_of(idp, language).read_text("utf-8"))
    # The first heading is the page's own.
    title, tokens = tokens[1].content, tokens[3:]
    sections = _name_sections(tokens)
    _label_cells(tokens)
    environment = {"values": filled_in, "copies": 0}
    html: str = _markdown.renderer.render(tokens, _markdown.options, environment)
    return Guide(title, sections, mark_safe(html))  # noqa: S308  rendered with HTML off, values escaped


def _name_sections(tokens: list[Token]) -> list[tuple[str, str]]:
    sections: list[tuple[str, str]] = []
    for token, inside in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            token.attrSet("id", f"section-{len(sections) + 1}")
            sections.append((f"section-{len(sections) + 1}", inside.content))
    return sections


def _label_cells(tokens: list[Token]) -> None:
    """Give cells their headings, as components/table.html does: on a narrow screen a row is a card."""
    labels: list[str] = []
    column = 0
    for token, inside in itertools.pairwise(tokens):
        if token.type == "thead_open":
            labels = []
        elif token.type == "th_open":
            labels.append(MARKS.sub("", inside.content))
            token.attrSet("scope", "col")
        elif token.type == "tr_open":
            column = 0
        elif token.type == "td_open":
            token.attrSet(*(("data-label", labels[column]) if column else ("class", "cell-title")))
            column += 1


class _Page(RendererHTML):
    """The console's looks for what Markdown makes: values to copy, tables that fold."""

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        content = _filled_in(tokens[idx].content, env["values"])
        if tokens[idx].content.startswith("{{"):
            env["copies"] += 1
            value = {"id": f"value-{env['copies']}", "value": content}
            return render_to_string("components/copy_code.html", value).strip()
        # Names of fields and what the site answers are English in every guide.
        if content.endswith("."):
            return f'<span class="said" lang="en">{escape(content)}</span>'
        return f'<code lang="en">{escape(content)}</code>'

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        content = escape(_filled_in(tokens[idx].content, env["values"]))
        return f'<pre tabindex="0" class="guide-code" lang="en"><code>{content}</code></pre>'

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="table-region" tabindex="0"><table class="table table-cards">'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>"


def _filled_in(text: str, filled_in: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: filled_in[found[1]], text)


_markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Page).enable("table")
