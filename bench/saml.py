"""The cost of a sign-in through an IdP, as a ratio to a bare `xmlsec1 --verify` of the same response."""

import base64
import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parent.parent
COUNT = 40


def report(environment: dict[str, str]) -> None:
    """In turns, so that whatever the machine does meanwhile meets both alike."""
    made = subprocess.run(
        [sys.executable, "-m", "bench.saml_data", str(COUNT + 1)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    data = json.loads(made.stdout)
    connection = http.client.HTTPConnection(urlsplit(data["acs_url"]).netloc, timeout=60)
    # The first one makes the configuration that the others find ready.
    first, *responses = data["responses"]
    sign_in(connection, data["acs_url"], first)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as certificate:
        certificate.write(data["certificate"])
        certificate.flush()
        bare, whole = [], []
        for response in responses:
            bare.append(verify(response, certificate.name))
            whole.append(sign_in(connection, data["acs_url"], response))
    print(f"\nSign-in through an IdP, median of {COUNT}\n")
    print(f"xmlsec1 --verify {median(bare) * 1000:8.1f} ms")
    print(f"sign-in          {median(whole) * 1000:8.1f} ms, ratio {median(whole) / median(bare):.2f}", flush=True)


def verify(response: str, certificate: str) -> float:
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(base64.b64decode(response))
        file.flush()
        began = time.perf_counter()
        node = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"
        subprocess.run(
            ["xmlsec1", "--verify", "--pubkey-cert-pem", certificate, "--id-attr:ID", node, file.name],
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - began


def sign_in(connection: http.client.HTTPConnection, url: str, response: str) -> float:
    began = time.perf_counter()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", urlsplit(url).path, urlencode({"SAMLResponse": response}), headers)
    answer = connection.getresponse()
    page = answer.read()
    if answer.status != 302 or "session" not in (answer.getheader("Set-Cookie") or ""):
        sys.exit(f"The sign-in answered {answer.status}: {page[:300]!r}")
    return time.perf_counter() - began
