"""The keys that sign Security Event Tokens: RSA keys in PEM files, which the environment names."""

import contextlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.conf import settings
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.models.endpoint_refusals import NoSigningKey

ALGORITHM, LEAST_BITS = "RS256", 2048


def sign(claims: dict[str, Any]) -> str:
    """The token, signed with the first key. Raises NoSigningKey."""
    keys = _keys(*settings.SET_SIGNING_KEYS)
    if not keys:
        raise NoSigningKey
    header = {"alg": ALGORITHM, "typ": "secevent+jwt", "kid": keys[0].thumbprint()}
    return jwt.encode(header, claims, keys[0], algorithms=[ALGORITHM])


def published() -> dict[str, list[dict[str, Any]]]:
    """The public halves of all keys (RFC 7517): a key is read here before it signs, and after it has signed last."""
    told = {"use": "sig", "alg": ALGORITHM}
    return {
        "keys": [
            {**key.as_dict(private=False), **told, "kid": key.thumbprint()} for key in _keys(*settings.SET_SIGNING_KEYS)
        ]
    }


def make(path: Path) -> None:
    """Make a key unless it is there; of several processes at once one wins."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    handle, fresh = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    os.unlink(fresh)


def bits_of(path: str) -> int:
    """The length of the private key in a file; 0 if there is none that can sign."""
    try:
        key = load_pem_private_key(Path(path).read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return 0
    return key.key_size if isinstance(key, rsa.RSAPrivateKey) else 0


@cache
def _keys(*paths: str) -> list[RSAKey]:
    return [RSAKey.import_key(Path(path).read_bytes()) for path in paths]
