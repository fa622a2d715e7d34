"""What the tests of any sequence send and ask, and how clients put it: few values, so that people meet in them."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.scim import CORE, NULAB, Body, user
from tests.scim.model import GROUP, LANGUAGES_SPOKEN, NAMES, Change

# -- what is sent

USER_NAMES = st.sampled_from(["ada@play.example", "ben@play.example", "cleo@play.example", "Ada@Play.example", "dora"])
EMAILS = st.sampled_from(["x@play.example", "y@play.example", "BEN@play.example"])
TEXTS = st.sampled_from(["Ada", "ADA L.", "Ben", "Ben 100%_"])
EXTERNAL_IDS = st.sampled_from(["E-1", "e-1", "E-2"])
HANDLES = st.sampled_from(["h1", "H1", "h2"])
ROLES = st.sampled_from(["ADMIN", "user", "Guest", "Member"])
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "externalId": EXTERNAL_IDS, **dict.fromkeys(NAMES, TEXTS),
    "timezone": st.sampled_from(["Asia/Tokyo", "Europe/Berlin"]),
    **dict.fromkeys(("preferredLanguage", "locale"), st.sampled_from(list(LANGUAGES_SPOKEN))), "active": st.booleans(),
    "role": ROLES, "nickName": HANDLES, "uniqueId": st.one_of(HANDLES, st.just("!")), "email": EMAILS,
}  # fmt: skip
WHOLE = st.fixed_dictionaries({"userName": USER_NAMES}, optional=OPTIONAL)
EMPTY = st.sampled_from([None, ""])
PARTS = st.dictionaries(st.sampled_from([*OPTIONAL, "userName"]), st.none(), max_size=4).flatmap(
    lambda names: st.fixed_dictionaries(
        {name: USER_NAMES if name == "userName" else st.one_of(OPTIONAL[name], EMPTY) for name in names}
    )
)


def resource(change: Change) -> Body:
    """The body of a POST or a PUT."""
    body = user(change["userName"])
    del body["active"]
    for path, value in change.items():
        top, _, part = path.partition(".")
        match path:
            case "role":
                body["roles"] = [{"value": value, "primary": True}]
            case "email":
                body["emails"] = [{"value": value, "type": "work", "primary": True}]
            case "uniqueId":
                body[NULAB] = {"uniqueId": value}
            case _ if part:
                body.setdefault(top, {})[part] = value
            case _:
                body[path] = value
    return body


TARGETS = {"role": "roles", "email": "emails", "uniqueId": f"{NULAB}:uniqueId"}
WHOLE_VALUES: dict[str, Callable[[Any], Any]] = {
    "role": lambda value: [{"value": value, "primary": True}] if value else None,
    "email": lambda value: [{"value": value, "type": "work", "primary": True}] if value else None,
    "active": lambda value: {True: "True", False: "False"}.get(value, value),
}


def by_path(path: str, value: Any, op: str) -> Body:
    """[Entra] with the flag, [RFC]: an operation to each value; what is empty is removed, or replaced by nothing."""
    target, value = TARGETS.get(path, path), WHOLE_VALUES.get(path, lambda same: same)(value)
    return (
        {"op": "remove", "path": target}
        if value is None and op == "add"
        else {"op": op, "path": target, "value": value}
    )


def by_filter(path: str, value: Any, op: str) -> Body:
    """[Entra] names the entry that it means, in PascalCase."""
    filtered = {"email": 'emails[type eq "work"].value', "role": 'roles[primary eq "True"].value'}
    if path not in filtered or (path == "role" and not value):
        return by_path(path, value, op)
    return {"op": op.capitalize(), "path": filtered[path], "value": value}


def with_urn(path: str, value: Any, op: str) -> Body:
    operation = by_path(path, value, op)
    return operation if path == "uniqueId" else operation | {"path": f"{CORE}:{operation['path']}"}


def operations(change: Change, dialect: str) -> list[Body]:
    if dialect in ("one object", "an object each"):
        pairs = {
            TARGETS.get(path, path): WHOLE_VALUES.get(path, lambda same: same)(value) for path, value in change.items()
        }
        if dialect == "one object":
            return [{"op": "replace", "value": pairs}]
        return [{"op": "Replace", "value": {path: value}} for path, value in pairs.items()]
    write = {"path": by_path, "filter": by_filter, "urn": with_urn, "add": by_path}[dialect]
    return [write(path, value, "add" if dialect == "add" else "replace") for path, value in change.items()]


DIALECTS = st.sampled_from(["path", "add", "filter", "urn", "one object", "an object each"])

# -- what is asked

LITERALS = st.one_of(
    USER_NAMES, EMAILS, TEXTS, EXTERNAL_IDS, HANDLES, st.sampled_from(["a", "play", "USER", "work", "en"])
)
ATTRIBUTES = st.sampled_from(
    ["userName", "externalId", "displayName", "name.givenName", "emails.value", "emails", "emails.type", "roles",
     "roles.value", "nickName", f"{NULAB}:uniqueId", "preferredLanguage", "timezone", f"{CORE}:userName"]
)  # fmt: skip
TERMS = st.one_of(
    st.builds(
        "{} {} {}".format, ATTRIBUTES, st.sampled_from(["eq", "ne", "co", "sw", "ew"]), LITERALS.map('"{}"'.format)
    ),
    st.builds("{} pr".format, st.one_of(ATTRIBUTES, st.sampled_from(["name", "active", "groups", "id"]))),
    st.builds("active {} {}".format, st.sampled_from(["eq", "ne"]), st.sampled_from(["true", "false"])),
    st.builds('emails[type eq "work" and value {} "{}"]'.format, st.sampled_from(["eq", "co"]), LITERALS),
)


def joined(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Up to three of them, by and, or and not."""
    return st.recursive(
        terms,
        lambda inner: st.one_of(
            st.builds("({}) and ({})".format, inner, inner),
            st.builds("({}) or ({})".format, inner, inner),
            st.builds("not ({})".format, inner),
        ),
        max_leaves=3,
    )


FILTERS = joined(TERMS)
ORDERS = st.sampled_from(["ascending", "descending"])
SORTS = st.sampled_from(
    ["userName", "externalId", "displayName", "name.familyName", "emails.value", "active", "roles.value", "id",
     "nickName", "locale", "groups.display", "meta.created", "meta.lastModified"]
)  # fmt: skip

# -- groups

GROUP_NAMES = st.sampled_from(["Sales", "SALES", "Design", "Sales 100%_"])
GROUP_TERMS = st.one_of(
    st.builds(
        '{} {} "{}"'.format,
        st.sampled_from(["displayName", "externalId", f"{GROUP}:displayName"]),
        st.sampled_from(["eq", "ne", "co", "sw", "ew"]),
        st.one_of(GROUP_NAMES, EXTERNAL_IDS, st.just("a")),
    ),
    st.builds("{} pr".format, st.sampled_from(["displayName", "externalId", "id", "members", "members.value"])),
)
GROUP_FILTERS = joined(GROUP_TERMS)
GROUP_SORTS = st.sampled_from(["displayName", "externalId", "members.value", "id", "meta.created", "meta.lastModified"])

# Spellings of “these come”, “these go” and “exactly these”, as clients have them.
Ids = list[str]
COMES: dict[str, Callable[[Ids], list[Body]]] = {
    "entra": lambda ids: [{"op": "Add", "path": "members", "value": [{"$ref": None, "value": one} for one in ids]}],
    "okta": lambda ids: [{"op": "add", "path": "members", "value": [{"value": one}]} for one in ids],
    "an object": lambda ids: [{"op": "add", "value": {"members": [{"value": one} for one in ids]}}],
}
GOES: dict[str, Callable[[Ids], list[Body]]] = {
    "entra": lambda ids: [{"op": "Remove", "path": "members", "value": [{"$ref": None, "value": one} for one in ids]}],
    "by filter": lambda ids: [{"op": "remove", "path": f'members[value eq "{one}"]'} for one in ids],
    "qualified": lambda ids: [{"op": "remove", "path": f'{GROUP}:members[value eq "{one}"]'} for one in ids],
}
EXACTLY: dict[str, Callable[[Ids], list[Body]]] = {
    "push now": lambda ids: [{"op": "replace", "path": "members", "value": [{"value": one} for one in ids]}],
    "an object": lambda ids: [{"op": "replace", "value": {"members": [{"value": one} for one in ids]}}],
    "emptied, filled": lambda ids: [
        {"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": [{"value": one} for one in ids]},
    ],
}  # fmt: skip
MOVES = {"come": COMES, "go": GOES, "exactly": EXACTLY}
MOVE = st.sampled_from([(move, spelling) for move, spellings in MOVES.items() for spelling in spellings])
