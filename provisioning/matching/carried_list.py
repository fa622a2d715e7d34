"""The list that one page of the preview hands to the next, because nothing of it is stored."""

import base64
import binascii
import csv
import io
import zlib

from members.console.spreadsheets import cell
from members.lists.refusals import UnreadableFile
from provisioning.matching.directory_list import MAX_BYTES, Person

HEADER = (
    "Line in the list", "userPrincipalName", "mail", "displayName", "givenName", "surname", "objectId",
    "accountEnabled", "role",
)  # fmt: skip
# Only where the list has it: an empty cell is somebody without teams.
TEAMS = "teams"


def carried(people: list[Person]) -> str:
    """The read parts of the list, as a text that reads the same."""
    out = io.StringIO()
    writer = csv.writer(out)
    has_teams = any(person.teams is not None for person in people)
    writer.writerow([*HEADER, *([TEAMS] if has_teams else [])])
    for person in people:
        writer.writerow([cell(value) for value in (*_row(person), *([person.teams] if has_teams else []))])
    return base64.b64encode(zlib.compress(out.getvalue().encode())).decode()


def unpacked(text: str) -> str:
    """The list again. Raises UnreadableFile if it was not made here."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(text, validate=True), 2 * MAX_BYTES)
        return "" if unpacking.unconsumed_tail else content.decode()
    except (binascii.Error, zlib.error, ValueError):
        raise UnreadableFile from None


def _row(person: Person) -> tuple[object, ...]:
    state = person.unclear.figures["value"] if person.unclear else str(person.is_active)
    return (
        person.line, person.user_name, person.email, person.display_name, person.given_name, person.family_name,
        person.external_id, state, person.role,
    )  # fmt: skip
