import json
import sys
from contextlib import redirect_stdout
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from members import actors
from members.models import Organization
from members.refusals import Refusal
from provisioning.models import Lifetime, ProvisioningSettings, ScimToken

BY = actors.command("issue_scim_token")


class Command(BaseCommand):
    help = "Issue a SCIM token and print it, once, with the SCIM URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", metavar="ORGANIZATION_ID")
        parser.add_argument("--issuer", required=True, metavar="EMAIL", help="an active administrator")
        parser.add_argument("--name", default="", help="such as “Entra production”; default: the next number")
        parser.add_argument("--enable", action="store_true", help="turn user provisioning on first")
        parser.add_argument("--expires", choices=Lifetime.values, default=Lifetime.YEAR.value, help="default: 1y")
        parser.add_argument("--json", action="store_true", help='print {"scim_url": …, "token": …}')

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization with the ID “{options['organization']}”.")
        issuer = organization.members.with_address(options["issuer"]).first()
        if issuer is None:
            raise CommandError(f"{options['issuer']} is not a member of {organization.name}.")
        provisioning = ProvisioningSettings.of(organization)
        try:
            secret = self._issue(
                provisioning, enable=options["enable"],
                issuer=issuer, name=options["name"], lifetime=Lifetime(options["expires"]), by=BY,
            )  # fmt: skip
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps({"scim_url": provisioning.scim_url, "token": secret}))
        else:
            self.stdout.write(f"SCIM URL:   {provisioning.scim_url}\nSCIM token: {secret}  (shown this once)")

    def _issue(self, provisioning: ProvisioningSettings, *, enable: bool, **token: Any) -> str:
        # Mail backends that print do so on stdout, which belongs to the answer.
        with redirect_stdout(sys.stderr), transaction.atomic():
            secret = provisioning.enable(**token) if enable else None
            # Enabling issues no token while a live one stands: issue the one that was asked for.
            return secret or ScimToken.objects.issue(provisioning.organization, **token)[1]
