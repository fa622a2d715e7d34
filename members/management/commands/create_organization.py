from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from members import actors, mail
from members.models import Account, Domain, Organization
from members.models.founding import found
from members.refusals import Refusal
from members.values import LANGUAGES

BY = actors.command("create_organization")


class Command(BaseCommand):
    help = "Register an organization and its first administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="as its members read it")
        parser.add_argument("--id", required=True, dest="slug", help="organization ID: 3 to 20 of a-z, 0-9 and -")
        parser.add_argument("--administrator", required=True, metavar="EMAIL", help="gets a Nulab Account if need be")
        parser.add_argument("--domain", help="mail domain that you have checked yourself: it counts as verified")
        parser.add_argument("--language", default="en", choices=LANGUAGES, help="of a new administrator (default: en)")
        parser.add_argument(
            "--time-zone", default="UTC", help="of a new administrator, such as Asia/Tokyo (default: UTC)"
        )
        parser.add_argument("--sandbox", action="store_true", help="for invented people only, and for good")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                organization, account = self._create(**options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{organization.name} is there. Organization ID: {organization.slug}.")
        self.stdout.write(f"Space key: {organization.space_key}. Administrator: {account.user_name}.")
        if not account.has_usable_password():
            self.stdout.write("To set the administrator's password, once and within three days:")
            self.stdout.write(mail.set_password_link(account))
        if organization.is_sandbox:
            where = f"{organization.slug} --issuer {account.user_name}"
            self.stdout.write(f"Next: manage.py issue_scim_token {where} --enable")
        else:
            self.stdout.write("Next: start Nulab Pass in the Django admin; the administrator sets up the rest.")

    def _create(
        self, *, name: str, slug: str, administrator: str, domain: str | None, sandbox: bool, language: str,
        time_zone: str, **_: Any,
    ) -> tuple[Organization, Account]:  # fmt: skip
        organization, account = found(
            name=name, slug=slug, administrator=administrator, is_sandbox=sandbox, language=language,
            time_zone=time_zone, by=BY,
        )  # fmt: skip
        if domain:
            Domain.objects.add(organization, domain, by=BY).vouch(by=BY)
        return organization, account
