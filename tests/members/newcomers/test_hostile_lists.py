"""A file of a megabyte is answered at once and in few bytes, whatever is in it."""

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import Organization

MIB = 1024 * 1024
ADDRESS = "riku.ono@aozora.example"
HOSTILE = {
    "teams": "Email,Name,Teams\n" + "".join(f"{ADDRESS},R,{';'.join(['x'] * 4900)}\n" for _ in range(100)),
    "short teams": "Email,Name,Teams\n" + "".join(f"p{n}@aozora.example,R,{';'.join('x' * 495)}\n" for n in range(100)),
    "one cell": f'Email,Name\n"{"<" * 120_000}",R\n' * 8,
    "columns": "Email,Name" + ",x" * 490_000 + f"\n{ADDRESS},Riku\n",
    "columns below": "Email,Name\n" + f"{ADDRESS},Riku" + "," * 1_000_000,
    "rows": "Email,Name\n" + "a,b\n" * 250_000,
    "empty rows": "Email,Name\n" + ",\n" * 500_000,
    "quotes": "Email,Name\n" + '"' * 1_000_000,
    "words": "word " * 200_000,
    "commas": "," * 1_000_000,
    "semicolons": "a;" * 500_000,
    "ats": "a@b," * 250_000,
    "angles": "<" * 1_000_000,
    "names": "a <" * 300_000,
    "pairs": "<a@b> " * 160_000,
    "brackets": "[" * 1_000_000 + "\nEmail,Name\n",
    "lines": "\n" * 1_000_000,
    "states": "Email,Name,Status\n" + "".join(f"p{n}@aozora.example,R,{'y' * 9000}\n" for n in range(100)),
    "ligatures": "Email,Name\n" + f"{ADDRESS}," + "\ufdfa" * 300_000 + "\n",
    "blanks": "Email,Name\n" + " " * 1_000_000 + "a@b",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("page", ["members-import", "provisioning-preview"])
def test_a_megabyte_of_anything_is_answered_at_once(desk: Client, aozora: Organization, page: str, name: str) -> None:
    content = HOSTILE[name].encode()[: MIB - 1]
    url = reverse(page, args=[aozora.space_key])
    desk.get(url)

    # Not the system's seconds: on some kernels to give back memory and take it again costs ten times the work in it.
    begun = os.times().user
    answer = desk.post(url, {"file": SimpleUploadedFile("list.csv", content)})
    taken = os.times().user - begun

    assert answer.status_code in (200, 422)
    # Half a second by itself; beside a browser and another worker several times that. Unbounded work is minutes.
    assert taken < 4
    assert len(answer.content) < MIB


def test_ten_errors_of_a_cell_are_shown_and_the_others_counted(desk: Client, aozora: Organization) -> None:
    content = f"Email,Name,Teams\n{ADDRESS},Riku,{';'.join(f't{number}' for number in range(25))}\n"

    url = reverse("members-import", args=[aozora.space_key])
    answer = desk.post(url, {"file": SimpleUploadedFile("list.csv", content.encode())})

    shown = answer.content.decode()
    assert shown.count("There is no team called") == 10
    assert "and 15 more errors in this cell" in shown
    assert "25 errors" in shown


def test_a_cell_that_is_too_long_is_refused_as_one(desk: Client, aozora: Organization) -> None:
    content = f"Email,Name,Teams,{'remark' * 20}\n{ADDRESS},Riku,{'t;' * 501},{'long' * 1000}\n"

    url = reverse("members-import", args=[aozora.space_key])
    answer = desk.post(url, {"file": SimpleUploadedFile("list.csv", content.encode())})

    errors = [error for cell in answer.context["rows"][0]["cells"] for error in cell["errors"]]
    assert errors == ["The cell has more than 1,000 characters. Shorten it."]
