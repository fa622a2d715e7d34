"""The address of an organization's single sign-on, answered by an app above."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings

from members.models import Organization
from members.openings import SIGN_IN_ADDRESS

FORMS_LEAD_TO = ["https:"] if settings.IS_HTTPS else ["https:", "http://localhost:*"]
View = TypeVar("View", bound=Callable[..., Any])


def leads_elsewhere(view: View) -> View:
    """Let a page's form lead to an IdP or an app: Chromium holds form-action in the CSP against redirects as well."""
    return cast("View", csp_update({"form-action": FORMS_LEAD_TO})(view))


def sign_in_address(organization: Organization, *, after: str = "", again: bool = False) -> str | None:
    """`after` is where to go once signed in; `again` asks the IdP to make sure of the person anew."""
    address = SIGN_IN_ADDRESS.first(organization)
    query = {"next": after} if after else {}
    query |= {"again": "1"} if again else {}
    return f"{address}?{urlencode(query)}" if address and query else address
