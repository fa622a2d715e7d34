"""Reading the Japanese catalogue."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

CATALOGUE = Path("locale/ja/LC_MESSAGES/django.po")


def gettext(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def translations(path: Path | None = None) -> Iterator[tuple[str, str]]:
    """English, in its plural where it has one, and Japanese of every entry."""
    catalogue = gettext("msgcat", "--no-wrap", "--no-location", str(path or settings.BASE_DIR / CATALOGUE))
    for paragraph in catalogue.split("\n\n"):
        strings: dict[str, str] = {}
        key = ""
        for line in paragraph.splitlines():
            if line.startswith("#"):
                continue
            if not line.startswith('"'):
                key, _, line = line.partition(" ")
            strings[key] = strings.get(key, "") + ast.literal_eval(line)
        if strings.get("msgid"):
            plural = strings.get("msgid_plural", strings["msgid"])
            yield plural, strings.get("msgstr", "") or strings.get("msgstr[0]", "")
