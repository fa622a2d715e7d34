"""A receiver of Security Event Tokens as an app would write it: with a library that is not the site's."""

import json
from typing import Any

from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

from tests.api import Api


def published() -> JWKSet:
    """The keys, as anybody reads them."""
    return JWKSet.from_json(Api("").get("jwks").content.decode())


def verified(token: str) -> dict[str, Any]:
    """The claims of a token that is what RFC 8417 wants; raises if it is not signed by one of the keys."""
    jws = JWS()
    jws.allowed_algs = ["RS256"]
    jws.deserialize(token)
    header = json.loads(jws.objects["protected"])
    assert header.keys() == {"alg", "typ", "kid"}, "no `crit`, nothing that a receiver has to understand"
    assert header["typ"] == "secevent+jwt"
    key = published().get_key(header["kid"])
    assert not key.has_private
    jws.verify(key)
    claims: dict[str, Any] = json.loads(jws.payload)
    assert not claims.keys() & {"exp", "sub", "nbf"}
    assert claims.keys() - {"txn"} == {"iss", "aud", "iat", "jti", "toe", "sub_id", "events"}
    return claims
