"""The cost of the Members page with many members, as a ratio to that with few."""

import http.client
import sys
import time
from statistics import median
from typing import Any
from urllib.parse import urlsplit

# The last page of each is the one that has the most before it.
PAGES = {
    "first page": "",
    "second page": "?page=2",
    "by role": "?sort=role",
    "last sync": "?sort=-sync",
    "last page": "?page=999999",
    "search, many": "?q=田中",
    "search, one": "?q=p7@",
    "inactive": "?status=inactive",
}


def report(base_url: str, filled: list[dict[str, Any]], sizes: list[int], rounds: int = 40) -> None:
    """Ask in turns, so that whatever the machine does meanwhile meets both sizes alike."""
    visits = [Visit(base_url, one["path"], one["session"]) for one in filled]
    print(
        f"\nMembers page, median of {rounds}\n\n{'':14}" + "".join(f"{size:>11,}" for size in sizes) + f"{'ratio':>9}"
    )
    for name, query in PAGES.items():
        taken: list[list[float]] = [[] for _ in visits]
        for _ in range(rounds):
            for visit, seconds in zip(visits, taken, strict=True):
                seconds.append(visit.seconds(query))
        few, many = (median(seconds) * 1000 for seconds in taken)
        print(f"{name:14}{few:>8.1f} ms{many:>8.1f} ms{many / few:>9.2f}", flush=True)


class Visit:
    """A browser of an administrator, as far as the server can see it."""

    def __init__(self, base_url: str, path: str, session: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=60)
        self.path, self.headers = path, {"Cookie": f"session={session}"}

    def seconds(self, query: str) -> float:
        began = time.perf_counter()
        self.connection.request("GET", self.path + _quoted(query), headers=self.headers)
        answer = self.connection.getresponse()
        page = answer.read()
        if answer.status != 200 or b'name="q"' not in page:
            sys.exit(f"{self.path}{query} answered {answer.status}: {page[:300]!r}")
        return time.perf_counter() - began


def _quoted(query: str) -> str:
    return "".join(f"%{byte:02X}" if byte > 127 else chr(byte) for byte in query.encode())
