"""Checks of what SAML needs on the machine, run when the site starts."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name

from operations import readiness


@register
def xmlsec1_is_there(**_: Any) -> list[CheckMessage]:
    if shutil.which("xmlsec1"):
        return []
    hint = "On Debian: apt-get install xmlsec1"
    return [Warning("The program xmlsec1 is missing, so nobody can sign in through SAML.", hint=hint, id="saml.W001")]


@register
def key_pair_is_there(**_: Any) -> list[CheckMessage]:
    paths = {"SAML_SP_KEY": settings.SAML_SP_KEY, "SAML_SP_CERTIFICATE": settings.SAML_SP_CERTIFICATE}
    if not any(paths.values()):
        hint = "Set SAML_SP_KEY and SAML_SP_CERTIFICATE; docs/operations.md says how to make them."
        return [
            Warning("The site has no SAML key pair, so nobody can sign in through SAML.", hint=hint, id="saml.W002")
        ]
    missing = [name for name, path in paths.items() if not path or not Path(path).is_file()]
    return [Error(f"{name} names no file: {paths[name]!r}.", id="saml.E001") for name in missing]


@readiness.check("xmlsec1")
def _xmlsec1_is_ready() -> str:
    return "" if shutil.which("xmlsec1") else "missing"


@readiness.check("saml_keys")
def _keys_are_ready() -> str:
    """The readiness check of the key pair. A site without SAML has none and is ready all the same."""
    paths = [path for path in (settings.SAML_SP_KEY, settings.SAML_SP_CERTIFICATE) if path]
    return "" if all(os.access(path, os.R_OK) for path in paths) else "not readable"
