"""Tags and filters for the templates in templates/components/."""

import zlib
from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from members.console import pages
from members.models import Organization
from members.refusals import Refusal
from members.values import CJK

register = template.Library()

AVATAR_HUES = 7
NEARLY_FULL = 0.9


@register.simple_tag(takes_context=True)
def mending(context: Context, refusal: Refusal | None, organization: Organization | None) -> dict[str, Any] | None:
    """Address and title of the page where the reader can mend the cause of a refusal."""
    return pages.mending(refusal, organization, getattr(context.get("request"), "member", None))


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: SafeString, name: str, /, **parameters: Any) -> SafeString:
    """Renders components/<name>.html, which sees the parameters and the enclosed `content` and nothing else.

    Blank content is the empty string, so that a component can ask `{% if content %}`.
    """
    assert context.template is not None
    inner = context.new({**parameters, "content": content if content.strip() else ""})
    for inherited in ("request", "csrf_token"):
        inner[inherited] = context.get(inherited)
    rendered: SafeString = context.template.engine.get_template(f"components/{name}.html").render(inner)
    return rendered


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of static/icons.svg; without a label it is decoration and says nothing to a screen reader."""
    meaning = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    address = f"{static('icons.svg')}#icon-{name}"
    return format_html('<svg class="icon" {}><use href="{}"></use></svg>', meaning, address)


@register.filter
def initials(name: str) -> str:
    words = name.split()
    if not words:
        return "?"
    if CJK.match(words[0]):
        # The family name's first character is how people abbreviate it.
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def address(address: str) -> SafeString:
    """An address that breaks at its “@” where the room is short, rather than within a word."""
    return format_html_join(mark_safe("<wbr>@"), "{}", ((part,) for part in address.split("@")))


@register.filter
def hue(name: str) -> int:
    """The same colour for a name on every page and in every process, which hash() would not give."""
    return zlib.crc32(name.encode()) % AVATAR_HUES


@register.simple_tag
def avatar(name: str, size: str = "md") -> SafeString:
    """Decoration: the name always stands beside it, or names what the avatar opens.

    The initials are drawn by the style sheet: as text they would be a label that nobody can say to press it.
    """
    return format_html(
        '<span class="avatar avatar-{} hue-{}" data-initials="{}" aria-hidden="true"></span>',
        size,
        hue(name),
        initials(name),
    )


@register.filter
def styled(field: BoundField) -> BoundField:
    """The same field with Tabler's class on its widget, and the focus if it is to be mended first; forms know nothing
    of looks."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        looks = "form-check-input"
    elif isinstance(widget, Select):
        looks = "form-select"
    else:
        looks = "form-control"
    if isinstance(widget, FileInput):
        # In place of the browser's own tooltip.
        widget.attrs["title"] = gettext("Choose file")
    wanted = [looks, "is-invalid"] if field.errors else [looks]
    present = widget.attrs.get("class", "").split()
    widget.attrs["class"] = " ".join(present + [name for name in wanted if name not in present])
    if _is_first_wrong(field) and not isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        widget.attrs["autofocus"] = True
    return field


def _is_first_wrong(field: BoundField) -> bool:
    """Whether the reader has to look at this field first, so that it gets the focus."""
    return field.name == next((name for name in field.form.fields if name in field.form.errors), None)


@register.filter
def fullness(used: int, total: int) -> str:
    """'full', 'near' or 'ok'; nothing bought counts as full only when something is used."""
    if used >= total:
        return "full" if used else "ok"
    return "near" if used >= total * NEARLY_FULL else "ok"


@register.filter
def elided(page: "Page[Any]") -> Iterator[int | str]:
    """The page numbers worth showing, with Paginator.ELLIPSIS between the gaps."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
