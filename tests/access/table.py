"""Every URL pattern, a line each: for whom it is, and what it does.

A pattern that is new has no line here, and the suite says so. Write one in the part where it belongs; the statuses
are what the product says of the page, not what the code happens to do.
"""

from tests.access.apps import API, PUBLIC
from tests.access.console import MEMBERS, ORGANIZATION, OWN
from tests.access.doors import PROVISIONING, SAML, SINGLE_SIGN_ON
from tests.access.identity_provider import SCIM
from tests.access.row import Row
from tests.access.support import ADMIN

TABLE: list[Row] = [*OWN, *MEMBERS, *ORGANIZATION, *SAML, *SINGLE_SIGN_ON, *PROVISIONING, *ADMIN]
NAMES = {row.name for row in TABLE} | {row.name for row in SCIM} | {row.name for row in API} | PUBLIC
