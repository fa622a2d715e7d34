"""The demo identity provider's own little web server: one user, one machine, one process.

It listens on the loopback address only, answers to its own host names only (a page
elsewhere cannot rebind its name to us) and takes forms from its own pages only.
"""

import mimetypes
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.template.loader import render_to_string

from provisioning.demo.idp import IdentityProvider, NotConnectedError
from provisioning.demo.idp_forms import ConnectionForm, PersonForm

LARGEST_FORM = 64 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class DemoIdpServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.idp = IdentityProvider()
        self.lock = Lock()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: DemoIdpServer
    server_version, sys_version = "DemoIdP", ""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._is_for_us():
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        elif path.startswith("/static/"):
            self._static(path.removeprefix("/static/"))
        else:
            with self.server.lock:
                self._page(path)

    def do_POST(self) -> None:
        if not self._is_for_us() or not self._is_from_us():
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LARGEST_FORM:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        data = QueryDict(self.rfile.read(length))
        with self.server.lock:
            self._act(urlsplit(self.path).path, data)

    # -- pages

    def _page(self, path: str) -> None:
        idp = self.server.idp
        match path.strip("/").split("/"):
            case [""]:
                self._people(ConnectionForm(initial={"domain": idp.domain, "scim_url": self._connected_to()}))
            case ["people", key] if key in idp.people:
                person = idp.people[key]
                initial = {name: getattr(person, name) for name in PersonForm.base_fields}
                self._person(key, PersonForm(initial=initial))
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)

    def _people(self, form: forms.Form, status: HTTPStatus = HTTPStatus.OK) -> None:
        idp = self.server.idp
        context = {"form": form, "idp": idp, "rows": list(idp.rows()), "outcome": idp.outcome}
        idp.outcome = None
        self._html("demo_idp/people.html", context, status)

    def _person(self, key: str, form: forms.Form, status: HTTPStatus = HTTPStatus.OK) -> None:
        context = {"form": form, "key": key, "person": self.server.idp.people[key]}
        self._html("demo_idp/person.html", context, status)

    # -- actions

    def _act(self, path: str, data: QueryDict) -> None:
        idp = self.server.idp
        actions: dict[str, Callable[[str], None]] = {
            "create": idp.create,
            "deactivate": idp.deactivate,
            "reactivate": idp.reactivate,
            "delete": idp.delete,
        }
        match path.strip("/").split("/"):
            case ["connection"]:
                self._connect(ConnectionForm(data))
            case ["connection", "test"]:
                self._do(idp.test)
            case ["people", key, "change"] if key in idp.people:
                self._change(key, PersonForm(data))
            case ["people", key, action] if key in idp.people and action in actions:
                self._do(lambda: actions[action](key))
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)

    def _connect(self, form: ConnectionForm) -> None:
        if not form.is_valid():
            self._people(form, HTTPStatus.UNPROCESSABLE_ENTITY)
            return
        wanted = form.cleaned_data
        self._do(lambda: self.server.idp.connect(wanted["scim_url"], wanted["token"], wanted["domain"]))

    def _change(self, key: str, form: PersonForm) -> None:
        if not form.is_valid():
            self._person(key, form, HTTPStatus.UNPROCESSABLE_ENTITY)
            return
        self._do(lambda: self.server.idp.change(key, **form.cleaned_data))

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except NotConnectedError:
            self.server.idp.outcome = False, "Paste the SCIM URL and the SCIM token first."
        self._answer(HTTPStatus.SEE_OTHER, b"", Location="/")

    # -- who asks, and what goes back

    def _connected_to(self) -> str:
        endpoint = self.server.idp.endpoint
        return endpoint.url + ("?aadOptscim062020" if endpoint.is_compliant else "/") if endpoint else ""

    def _is_for_us(self) -> bool:
        host = self.headers.get("Host", "")
        return host in {f"{name}:{self.server.server_port}" for name in ("localhost", "127.0.0.1")}

    def _is_from_us(self) -> bool:
        """Browsers say where a form comes from; what is no browser needs no protection."""
        origin = self.headers.get("Origin", f"http://{self.headers.get('Host')}")
        site = self.headers.get("Sec-Fetch-Site", "same-origin")
        return origin == f"http://{self.headers.get('Host')}" and site == "same-origin"

    def _static(self, name: str) -> None:
        # finders.find refuses what leads out of the static folders.
        found = None if ".." in name else finders.find(name)
        if not isinstance(found, str) or not Path(found).is_file():
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._answer(HTTPStatus.OK, Path(found).read_bytes(), **{"Content-Type": kind, "Cache-Control": "max-age=60"})

    def _html(self, template: str, context: dict[str, Any], status: HTTPStatus) -> None:
        body = render_to_string(template, context).encode()
        self._answer(status, body, **{"Content-Type": "text/html; charset=utf-8"})

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._answer(status, f"{status.value} {status.phrase}\n".encode(), **{"Content-Type": "text/plain"})

    def _answer(self, status: HTTPStatus, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in (HEADERS | headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Its page shows what was sent; the terminal is for the site."""
