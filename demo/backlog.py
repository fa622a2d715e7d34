"""Demo Backlog: an app that lets people in through the site, asks it who may use it, and hears of changes at once."""

import http.client
import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from threading import Condition
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

REMEMBERED = 15


@dataclass
class Visit:
    """Somebody who has signed in, until the site says no."""

    session: str
    name: str
    # Member id by space key, and what the organizations are called.
    places: dict[str, str]
    organization: str
    called: str
    # Sentence with which the site has said no; "" while it lets the person in.
    refused: str = ""


@dataclass
class Heard:
    """A message from the site."""

    id: str
    type: str
    organization: str
    subject: str
    at: str


class NotSignedInError(Exception):
    pass


@dataclass
class Backlog:
    """The app: its key for the API, its sessions, what it was told."""

    key: str
    url: str
    visits: dict[str, Visit] = field(default_factory=dict)
    heard: deque[Heard] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    # Told whenever a page has become another.
    news: Condition = field(default_factory=Condition)
    version: int = 0

    def sign_in_address(self, state: str) -> str:
        """The page of the site that sends the browser back with a code."""
        query = urlencode({"return_to": f"{self.url}/enter", "state": state})
        return f"{settings.BASE_URL}/apps/backlog/signin?{query}"

    def enter(self, code: str) -> str:
        """The cookie of somebody who comes back with a code. Raises NotSignedInError."""
        status, answer = self._ask("sessions", {"code": code, "return_to": f"{self.url}/enter"})
        if status != 200 or not answer["organizations"]:
            raise NotSignedInError(answer.get("detail", "Nobody told why."))
        places = {place["space_key"]: place["member_id"] for place in answer["organizations"]}
        [first, *_] = answer["organizations"]
        cookie = secrets.token_urlsafe(16)
        self.visits[cookie] = Visit(answer["session"], answer["name"], places, first["space_key"], first["name"])
        self.look_at(self.visits[cookie])
        return cookie

    def look_at(self, visit: Visit) -> None:
        """Ask whether the person may go on."""
        status, answer = self._ask("access", {"organization": visit.organization, "session": visit.session})
        if status != 200 or not answer["allowed"]:
            visit.refused = answer.get("detail") or "The site did not answer."

    def hear(self, event: dict[str, Any]) -> None:
        """A message whose signature is right: who it concerns is asked about at once."""
        data = event["data"]
        if any(one.id == data["id"] for one in self.heard):
            return
        subject = data["subject"]["id"]
        self.heard.appendleft(Heard(data["id"], event["type"], data["organization"], subject, event["timestamp"]))
        for visit in list(self.visits.values()):
            if visit.places.get(data["organization"]) == subject:
                self.look_at(visit)
        with self.news:
            self.version += 1
            self.news.notify_all()

    def leave(self, cookie: str) -> None:
        self.visits.pop(cookie, None)

    def _ask(self, question: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        site = urlsplit(settings.BASE_URL)
        kind = http.client.HTTPSConnection if site.scheme == "https" else http.client.HTTPConnection
        connection = kind(site.netloc, timeout=10)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"/api/v1/{question}", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, ValueError) as problem:
            return 0, {"detail": f"The site did not answer: {problem}"}
        finally:
            connection.close()
