from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members import actors
from members.models import Account, SecondFactor
from members.refusals import Refusal

BY = actors.command("remove_second_factor")


class Command(BaseCommand):
    help = "Remove the second factor of somebody who has lost the app and the recovery codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the person's e-mail address")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        account = Account.objects.with_address(email)
        if account is None:
            raise CommandError(f"There is no account with the address {email}.")
        try:
            SecondFactor.objects.of(account).remove(by=BY)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The second factor of {account.name} is removed: the password alone signs in.")
