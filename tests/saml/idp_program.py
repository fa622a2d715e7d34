"""An identity provider in a process of its own: pysaml2's Server behind http.server. See tests/cast/saml_idp.py.

    python -m tests.saml.idp_program PORT KEY.PEM

It knows nothing of the site but the SP metadata that it is given, and checks the signature
of each AuthnRequest. Cookies say who is at the browser and how the answer is protected:
`idp-person`, `idp-signs` (assertion, response, both) and `idp-encrypts` (1).
"""

import sys
import warnings
from base64 import b64encode
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, SAMLError
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import AUTHN_PASSWORD_PROTECTED, NAMEID_FORMAT_EMAILADDRESS, NameID
from saml2.sigver import get_xmlsec_binary
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

with warnings.catch_warnings(action="ignore"):
    # It names a cipher by its former place.
    from saml2.server import Server

SIGNED = {"assertion": (True, False), "response": (False, True), "both": (True, True)}


class Handler(BaseHTTPRequestHandler):
    server: "IdentityProvider"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            match parts.path:
                case "/metadata":
                    self._answer(200, str(entity_descriptor(self.server.config())))
                case "/sso":
                    asked = self.server.read(query)
                    self._send_on(self.server.to(asked), query)
                case "/start":
                    sp = query["sp"]
                    self._send_on(
                        {"in_response_to": None, "sp_entity_id": sp, "destination": self.server.acs(sp)}, query
                    )
                case _:
                    self._answer(404, "")
        except (SAMLError, KeyError) as problem:
            self._answer(400, repr(problem))

    def do_POST(self) -> None:
        """SP metadata, to answer that service provider from now on."""
        self.server.register(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(200, "")

    def _send_on(self, addressed: dict[str, Any], query: dict[str, str]) -> None:
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        chosen = {name: unquote(cookie.value) for name, cookie in cookies.items()}
        response = self.server.response(addressed, chosen)
        fields = {"SAMLResponse": response, "RelayState": query.get("RelayState", "")}
        inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
        self._answer(
            200,
            f'<form method="post" action="{addressed["destination"]}">{inputs}<button>Continue</button></form>'
            "<script>document.forms[0].submit()</script>",
        )

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Quiet."""


class IdentityProvider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, key_file: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.url, self.key_file = f"http://localhost:{self.server_port}", key_file
        self.known: list[str] = []
        self.library = Server(config=self.config())

    def config(self) -> IdPConfig:
        return IdPConfig().load(
            {
                "entityid": f"{self.url}/metadata",
                "key_file": self.key_file,
                "cert_file": self.key_file,
                "xmlsec_binary": get_xmlsec_binary(),
                "metadata": {"inline": self.known},
                "service": {
                    "idp": {
                        "endpoints": {"single_sign_on_service": [(f"{self.url}/sso", BINDING_HTTP_REDIRECT)]},
                        "name_id_format": [NAMEID_FORMAT_EMAILADDRESS],
                        "want_authn_requests_signed": True,
                        "policy": {"default": {"lifetime": {"minutes": 5}}},
                    }
                },
            }
        )

    def register(self, metadata: str) -> None:
        self.known.append(metadata)
        self.library = Server(config=self.config())

    def read(self, query: dict[str, str]) -> Any:
        return self.library.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query.get("RelayState"),
            sigalg=query.get("SigAlg"),
            signature=query.get("Signature"),
        ).message

    def to(self, asked: Any) -> dict[str, Any]:
        addressed: dict[str, Any] = self.library.response_args(asked, [BINDING_HTTP_POST])
        return {name: addressed[name] for name in ("in_response_to", "sp_entity_id", "destination")}

    def acs(self, sp_entity_id: str) -> str:
        location: str = self.library.metadata.assertion_consumer_service(sp_entity_id, BINDING_HTTP_POST)[0]["location"]
        return location

    def response(self, addressed: dict[str, Any], chosen: dict[str, str]) -> str:
        sign_assertion, sign_response = SIGNED[chosen.get("idp-signs", "assertion")]
        xml = self.library.create_authn_response(
            identity={},
            name_id=NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=chosen["idp-person"]),
            authn={"class_ref": AUTHN_PASSWORD_PROTECTED},
            sign_assertion=sign_assertion,
            sign_response=sign_response,
            encrypt_assertion="idp-encrypts" in chosen,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **addressed,
        )
        return b64encode(str(xml).encode()).decode("ascii")


if __name__ == "__main__":
    IdentityProvider(int(sys.argv[1]), sys.argv[2]).serve_forever()
