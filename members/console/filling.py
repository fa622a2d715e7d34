"""A form in a page of ours, filled in with what somebody had typed into it before."""

from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

Attributes = dict[str, str | None]
# The browser's own business, the page's own state, or nothing to fill in.
LEFT_ALONE = ("hidden", "password", "file", "submit", "button", "image", "reset")


def fill(page: str, action: str, fields: dict[str, list[str]], *, at: str) -> str:
    """The page, its forms that are sent to `action` filled in; `at` is the page's own address."""
    filler = _Filler(action, fields, at)
    filler.feed(page)
    filler.close()
    return "".join(filler.written)


class _Filler(HTMLParser):
    """A parser that copies a page and changes only the controls of these forms."""

    def __init__(self, action: str, fields: dict[str, list[str]], at: str) -> None:
        super().__init__(convert_charrefs=False)
        self.action, self.fields, self.at = action, fields, at
        self.written: list[str] = []
        self.is_within = False
        # Values that have not been filled in yet, by name: several controls may have the same.
        self.left: dict[str, list[str]] = {}
        self.select: list[str] | None = None
        self.is_former_text = False

    # -- tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_within = self._is_wanted(given)
            self.left = {name: list(values) for name, values in self.fields.items()}
        self._write(self._filled(tag, given) if self.is_within else None)
        if self.is_within and tag == "textarea" and given.get("name") in self.fields:
            self._write(f"\n{escape(self._next(given))}")
            self.is_former_text = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._write(self._filled(tag, dict(attrs)) if self.is_within else None)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_within = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.is_former_text = False
        self._write(f"</{tag}>")

    def _is_wanted(self, form: Attributes) -> bool:
        action = urlsplit(form.get("action") or self.at)
        return (form.get("method") or "").lower() == "post" and (action.path or self.at) == self.action

    def _filled(self, tag: str, given: Attributes) -> str | None:
        """The tag anew; None leaves it as it is."""
        if tag == "select":
            self.select = self.fields.get(given.get("name") or "")
        elif tag == "option" and self.select is not None:
            return _tag(tag, _marked(given, "selected", given.get("value") in self.select))
        elif tag == "input":
            return self._filled_input(given)
        return None

    def _filled_input(self, given: Attributes) -> str | None:
        name, kind = given.get("name") or "", (given.get("type") or "text").lower()
        if kind in ("checkbox", "radio"):
            is_on = (given.get("value") or "on") in self.fields.get(name, [])
            return _tag("input", _marked(given, "checked", is_on)) if name else None
        if kind in LEFT_ALONE or name not in self.fields:
            return None
        return _tag("input", given | {"value": self._next(given)})

    def _next(self, given: Attributes) -> str:
        values = self.left.get(given.get("name") or "", [])
        return values.pop(0) if values else ""

    # -- the rest

    def _write(self, text: str | None) -> None:
        if not self.is_former_text:
            self.written.append(self.get_starttag_text() or "" if text is None else text)

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._write(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._write(f"<!{decl}>")


def _marked(given: Attributes, mark: str, is_on: bool) -> Attributes:
    kept = {name: value for name, value in given.items() if name != mark}
    return kept | {mark: None} if is_on else kept


def _tag(tag: str, given: Attributes) -> str:
    words = [name if value is None else f'{name}="{escape(value)}"' for name, value in given.items()]
    return f"<{' '.join([tag, *words])}>"
