"""The kinds of work: each is one unit of what identity providers do, played on a connection."""

from collections.abc import Callable
from urllib.parse import quote

from bench.client import Connection, Target

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
Work = Callable[[Connection], None]


def bare(connection: Connection) -> None:
    connection.ask("GET", "/")


def read(connection: Connection) -> None:
    connection.ask("GET", f"/Users/{connection.somebody()[0]}")


def _find(connection: Connection, attribute: str, value: str) -> None:
    connection.ask("GET", "/Users?filter=" + quote(f'{attribute} eq "{value}"'))


def filter_user_name(connection: Connection) -> None:
    _find(connection, "userName", connection.somebody()[1])


def filter_external_id(connection: Connection) -> None:
    _find(connection, "externalId", connection.somebody()[1])


def filter_email(connection: Connection) -> None:
    _find(connection, "emails.value", connection.somebody()[1])


def filter_miss(connection: Connection) -> None:
    _find(connection, "userName", connection.new_name())


def _user(name: str, display_name: str = "Person") -> dict[str, object]:
    return {
        "schemas": [USER],
        "externalId": name,
        "userName": name,
        "active": True,
        "displayName": display_name,
        "name": {"givenName": "Person", "familyName": name[:40]},
        "emails": [{"primary": True, "type": "work", "value": name}],
        "preferredLanguage": "ja-JP",
        "roles": [{"primary": True, "value": "USER"}],
    }


def create(connection: Connection) -> None:
    name = connection.new_name()
    created = connection.ask("POST", "/Users", _user(name), expect=(201,))
    connection.made.append((created.get("id", "none"), name))


def initial(connection: Connection) -> None:
    filter_miss(connection)
    create(connection)
    connection.ask("GET", f"/Users/{connection.made[-1][0]}")


def _patch(connection: Connection, found: str, *operations: tuple[str, object]) -> None:
    changes = [{"op": "Replace", "path": path, "value": value} for path, value in operations]
    connection.ask("PATCH", f"/Users/{found}", {"schemas": [PATCH], "Operations": changes})


def incremental(connection: Connection) -> None:
    """A change of the day, as Entra ID sends it: found by its name, then several attributes in one PATCH."""
    found, name = connection.somebody()
    _find(connection, "userName", name)
    word = f"{connection.random.random()}"
    _patch(
        connection, found, ("displayName", f"Person {word}"), ("name.givenName", "Person"), ("name.familyName", word),
        ("preferredLanguage", "ja-JP"), ("active", True),
    )  # fmt: skip


def patch_name(connection: Connection) -> None:
    _patch(connection, connection.somebody()[0], ("displayName", f"Person {connection.random.random()}"))


def patch_active(connection: Connection) -> None:
    """The state confirmed, which changes nothing."""
    _patch(connection, connection.somebody()[0], ("active", True))


def off_and_on(connection: Connection) -> None:
    found = connection.own()[0]
    _patch(connection, found, ("active", False))
    _patch(connection, found, ("active", True))


def put(connection: Connection) -> None:
    found, name = connection.somebody()
    connection.ask("PUT", f"/Users/{found}", _user(name, f"Person {connection.random.random()}"))


def create_delete(connection: Connection) -> None:
    create(connection)
    connection.ask("DELETE", f"/Users/{connection.made.pop()[0]}", expect=(200, 204))


def forget(target: Target, made: list[tuple[str, str]]) -> None:
    """Delete those who were made for a measurement, so that the organizations stay the size they are."""
    connection = Connection(target, 0)
    for found, _ in made:
        connection.ask("DELETE", f"/Users/{found}", expect=(200, 204))


def first_page(connection: Connection) -> None:
    connection.ask("GET", "/Users?startIndex=1&count=100")


def next_page(connection: Connection) -> None:
    """A crawl, page after page."""
    page = next(connection.pages) % max(1, connection.target.size // 100)
    connection.ask("GET", f"/Users?startIndex={page * 100 + 1}&count=100")


def middle_page(connection: Connection) -> None:
    connection.ask("GET", f"/Users?startIndex={max(1, connection.target.size // 2)}&count=100")


def access(connection: Connection) -> None:
    """An app that asks whether somebody may come in."""
    space_key = connection.path.split("/")[2]
    connection.ask_api("POST", "/access", {"organization": space_key, "member_id": connection.somebody()[0]})


WORKS: tuple[Work, ...] = (
    initial, incremental, patch_name, patch_active, off_and_on, put, create_delete, read, filter_user_name,
    filter_external_id, filter_email, filter_miss, first_page, next_page, middle_page, access,
)  # fmt: skip
# Works of which django-scim2 as shipped knows no part.
NOT_IN_SCIM2 = (incremental, put, filter_external_id, filter_email, access)
NOT_IN_POLIS = (access,)
