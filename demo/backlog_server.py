"""Demo Backlog's own little web server."""

import secrets
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from standardwebhooks import Webhook, WebhookVerificationError

from demo.backlog import Backlog, NotSignedInError, Visit
from demo.local_web import POLICY, LocalHandler

COOKIE, STATE = "demo-backlog", "demo-backlog-state"
MAX_BYTES = 64 * 1024
# Seconds after which a page that waits for news asks again.
A_WHILE = 20


class BacklogServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, key: str, secret: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.app = Backlog(key, f"http://localhost:{self.server_port}")
        self.secret = secret


class Handler(LocalHandler):
    server: BacklogServer

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        parts = urlsplit(self.path)
        if not self._is_for_us():
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        elif parts.path.startswith("/static/"):
            self._static(parts.path.removeprefix("/static/"))
        elif parts.path == "/":
            self._home()
        elif parts.path == "/signin":
            self._sign_in()
        elif parts.path == "/enter":
            self._enter({name: values[0] for name, values in parse_qs(parts.query).items()})
        elif parts.path == "/news":
            self._news(parts.query)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:  # noqa: N802
        length = int(self.headers.get("Content-Length") or 0)
        if not self._is_for_us() or not self._is_from_us() or not 0 <= length <= MAX_BYTES:
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        body = self.rfile.read(length)
        if self.path == "/hook":
            self._hear(body)
        elif self.path == "/leave":
            self.server.app.leave(self._cookie(COOKIE))
            self._go("/", f"{COOKIE}=; Max-Age=0; Path=/")
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def _home(self, problem: str = "") -> None:
        app = self.server.app
        context = {"version": app.version, "heard": list(app.heard), "visit": self._visit(), "problem": problem}
        policy = f"{POLICY}'self'; script-src 'self'; connect-src 'self'"
        self._html("demo/backlog.html", context, policy=policy)

    def _sign_in(self) -> None:
        state = secrets.token_urlsafe(16)
        self._go(self.server.app.sign_in_address(state), f"{STATE}={state}; HttpOnly; SameSite=Lax; Path=/")

    def _enter(self, query: dict[str, str]) -> None:
        """The way back from the site, for the browser that has set out."""
        if not self._cookie(STATE) or query.get("state") != self._cookie(STATE):
            self._home("This sign-in was begun in another browser.")
            return
        try:
            cookie = self.server.app.enter(query.get("code", ""))
        except NotSignedInError as problem:
            self._home(str(problem))
        else:
            self._go("/", f"{COOKIE}={cookie}; HttpOnly; SameSite=Lax; Path=/")

    def _news(self, version: str) -> None:
        """Answered as soon as the page that asks is no longer up to date."""
        app = self.server.app
        with app.news:
            app.news.wait_for(lambda: str(app.version) != version, A_WHILE)
        self._answer(HTTPStatus.OK, str(app.version).encode(), **{"Content-Type": "text/plain"})

    def _hear(self, body: bytes) -> None:
        try:
            event = Webhook(self.server.secret).verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            self._refuse(HTTPStatus.UNAUTHORIZED)
            return
        self.server.app.hear(event)
        self._answer(HTTPStatus.NO_CONTENT, b"")

    def _visit(self) -> Visit | None:
        return self.server.app.visits.get(self._cookie(COOKIE))

    def _cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        return found.value if found else ""

    def _go(self, address: str, cookie: str) -> None:
        self._answer(HTTPStatus.SEE_OTHER, b"", **{"Location": address, "Set-Cookie": cookie})
