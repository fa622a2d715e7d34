from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members import actors
from members.models import Organization
from members.newcomers.long_file import LongFile, write
from members.refusals import Refusal
from members.values import LANGUAGES

BY = actors.command("import_members")
# Lines between two messages of how far it has come.
STEP = 50_000


class Command(BaseCommand):
    help = "Create a Managed Account for each person in a CSV file of any length. Mails nobody but the administrators."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="ORGANIZATION", help="organization ID")
        parser.add_argument("file", metavar="FILE", type=Path, help="a list such as Create from CSV reads")
        parser.add_argument("--language", choices=LANGUAGES, default="en", help="of people whose row names none")

    def handle(self, *args: Any, slug: str, file: Path, language: str, **options: Any) -> None:
        try:
            organization = Organization.objects.get(slug=slug)
            people = LongFile(file, organization, language)
        except Organization.DoesNotExist:
            raise CommandError(f"There is no organization {slug}.") from None
        except OSError as error:
            raise CommandError(str(error)) from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        created, refused = self._write(people, organization)
        self.stdout.write(f"{created:,} accounts are created in {organization.name}.")
        if refused:
            why = ", ".join(f"{code} {count:,}" for code, count in refused.most_common())
            raise CommandError(f"{refused.total():,} rows are refused ({why}). The others are in.")

    def _write(self, people: LongFile, organization: Organization) -> tuple[int, Counter[str]]:
        created, told, refused = 0, 0, Counter[str]()
        for progress in write(people, organization, by=BY):
            created += progress.created
            refused.update(one.refusal.code for one in progress.refused)
            for one in progress.refused:
                self.stderr.write(f"Row {one.line}: {one.refusal.to_typist}")
            if progress.line >= told + STEP:
                told = progress.line
                self.stdout.write(f"{told:,} rows are read, {created:,} accounts created.")
        return created, refused
