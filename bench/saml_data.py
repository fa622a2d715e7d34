"""An organization with an IdP, and responses of that IdP: what bench.saml signs in with.

    python -m bench.saml_data 41

prints the ACS address, the certificate and so many responses, each for one sign-in.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from members import actors  # noqa: E402
from members.models import Organization  # noqa: E402
from saml.models import SamlSettings  # noqa: E402
from tests.cast.saml_messages import Message, encode, key_pair, signed  # noqa: E402

BY = actors.command("bench")


def main() -> None:
    saml = SamlSettings.of(Organization.objects.get(slug="aozora"))
    saml.add_certificate(key_pair().certificate, by=BY)
    person = saml.organization.managed_accounts.filter(is_active=True).order_by("pk")[0]
    messages = [Message.for_sp(saml, person.user_name) for _ in range(int(sys.argv[1]))]
    data = {
        "acs_url": saml.acs_url,
        "certificate": key_pair().certificate,
        "responses": [encode(signed(message.xml(), "Assertion")) for message in messages],
    }
    sys.stdout.write(json.dumps(data))


if __name__ == "__main__":
    main()
