"""The web server of the demo's programs, for this machine only.

A program answers to its own host names only (a page elsewhere cannot rebind its name to us) and
takes forms from its own pages only.
"""

import mimetypes
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

# Ends with the directive that says where the page's forms may go.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action "
)
HEADERS = {
    "Content-Security-Policy": f"{POLICY}'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class LocalHandler(BaseHTTPRequestHandler):
    server: HTTPServer
    server_version, sys_version = "Demo", ""

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

    def _html(
        self,
        template: str,
        context: dict[str, Any],
        status: HTTPStatus = HTTPStatus.OK,
        policy: str = HEADERS["Content-Security-Policy"],
    ) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
        self._answer(status, render_to_string(template, context).encode(), **headers)

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
        """A program's page shows what was sent; the terminal is for the site."""
