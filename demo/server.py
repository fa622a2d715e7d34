"""The demo identity provider's own little web server: one user, one machine, one process."""

from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import QueryDict

from demo import mailbox
from demo.idp import IdentityProvider, NotConnectedError
from demo.idp_forms import ConnectionForm, PersonForm
from demo.local_web import POLICY, LocalHandler
from demo.sign_on import ServiceProvider, SignOn, SignOnError

MAX_FORM_BYTES = 64 * 1024
# A mail runs nothing and loads nothing; its links open outside of the frame that shows it.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


class DemoIdpServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.idp = IdentityProvider()
        self.lock = Lock()

    @property
    def url(self) -> str:
        """Its address in metadata and messages: the one that the site knows, unless it runs on another port."""
        known: str = settings.DEMO_IDP_URL
        return known if urlsplit(known).port == self.server_port else f"http://localhost:{self.server_port}"

    @cached_property
    def sign_on(self) -> SignOn:
        return SignOn(self.url)


class Handler(LocalHandler):
    server: DemoIdpServer

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        parts = urlsplit(self.path)
        path = parts.path
        if not self._is_for_us():
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        elif path.startswith("/static/"):
            self._static(path.removeprefix("/static/"))
        else:
            with self.server.lock:
                self._page(path, QueryDict(parts.query))

    def do_POST(self) -> None:  # noqa: N802
        if not self._is_for_us() or not self._is_from_us():
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MAX_FORM_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        data = QueryDict(self.rfile.read(length))
        with self.server.lock:
            self._act(urlsplit(self.path).path, data)

    # -- pages

    def _page(self, path: str, query: QueryDict) -> None:
        idp = self.server.idp
        match path.strip("/").split("/"):
            case [""]:
                self._people(self._connection_form())
            case ["metadata"]:
                kind = {"Content-Type": "application/samlmetadata+xml"}
                self._answer(HTTPStatus.OK, self.server.sign_on.metadata().encode(), **kind)
            case ["sso"]:
                self._choose(query)
            case ["mailbox"]:
                self._html("demo/mailbox.html", {"mails": mailbox.newest()})
            case ["mailbox", key] if mail := mailbox.find(key):
                self._html("demo/mail.html", {"mail": mail}, policy=f"{POLICY}'self'; frame-src 'self'")
            case ["mailbox", key, "letter"] if mail := mailbox.find(key):
                kind = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": LETTER_POLICY}
                self._answer(HTTPStatus.OK, mail.html.encode(), **kind)
            case ["people", key] if key in idp.people:
                person = idp.people[key]
                initial = {name: getattr(person, name) for name in PersonForm.base_fields}
                self._person(key, PersonForm(initial=initial))
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)

    def _people(self, form: forms.Form, status: HTTPStatus = HTTPStatus.OK) -> None:
        idp = self.server.idp
        context = {
            "form": form,
            "idp": idp,
            "rows": list(idp.rows()),
            "outcome": idp.outcome,
            "sign_on": self.server.sign_on,
        }
        idp.outcome = None
        self._html("demo/people.html", context, status)

    def _person(self, key: str, form: forms.Form, status: HTTPStatus = HTTPStatus.OK) -> None:
        context = {"form": form, "key": key, "person": self.server.idp.people[key]}
        self._html("demo/person.html", context, status)

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
            case ["people", key, "answer"] if key in idp.people:
                self._sign_in(key, data)
            case ["people", key, "sign-in"] if key in idp.people:
                self._sign_in(key, None)
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

    # -- single sign-on

    def _choose(self, request: QueryDict) -> None:
        """The page that asks which person of the directory signs in."""
        try:
            asked = self.server.sign_on.read(request.get("SAMLRequest", ""))
        except SignOnError as problem:
            self._cannot_sign_in(str(problem))
            return
        self.server.idp.provider = asked.provider
        context = {"idp": self.server.idp, "rows": list(self.server.idp.rows()), "request": request}
        self._html("demo/sign_in.html", context)

    def _sign_in(self, key: str, request: QueryDict | None) -> None:
        """Sign the person in, in answer to the site's request or, without one, from this side.

        Somebody deactivated is vouched for as well, so that the site's own refusal can be seen.
        """
        person, provider, to = self.server.idp.people[key], self.server.idp.provider, None
        try:
            if request is not None:
                asked = self.server.sign_on.read(request.get("SAMLRequest", ""))
                provider, to = asked.provider, asked.id
            if provider is None:
                raise SignOnError("Connect with an organization first: its people sign in there.")
            response = self.server.sign_on.answer(provider, person.email, to=to)
        except SignOnError as problem:
            self._cannot_sign_in(str(problem))
            return
        relay_state = request.get("RelayState", "") if request is not None else ""
        self._send_on(provider, {"person": person, "response": response, "relay_state": relay_state})

    def _send_on(self, provider: ServiceProvider, context: dict[str, Any]) -> None:
        """A form that its script sends at once, or its button; it may go to the site, and by way of it to the app."""
        parts = urlsplit(provider.acs_url)
        policy = f"{POLICY}{parts.scheme}://{parts.netloc} {settings.DEMO_APP_URL}; script-src 'self'"
        self._html("demo/continue.html", context | {"provider": provider}, policy=policy)

    def _cannot_sign_in(self, why: str) -> None:
        self.server.idp.outcome = False, why
        self._people(self._connection_form(), HTTPStatus.BAD_REQUEST)

    def _connection_form(self) -> ConnectionForm:
        idp = self.server.idp
        query = "?aadOptscim062020" if idp.endpoint and idp.endpoint.is_compliant else "/"
        return ConnectionForm(
            initial={"domain": idp.domain, "scim_url": idp.endpoint.url + query if idp.endpoint else ""}
        )
