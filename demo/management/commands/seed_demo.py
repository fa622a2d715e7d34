from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from demo import aozora, organizations
from demo.key import certificate, distrusting
from demo.quiet import without_mails
from members.refusals import Refusal


class Command(BaseCommand):
    help = "Fill in the demo organizations that are not there yet. Only while DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's passwords are known to everybody: seed_demo runs only with DEBUG=1.")
        trusted = certificate()
        stories = {
            "aozora": lambda: aozora.create(trusted),
            "hakata": lambda: organizations.hakata(trusted),
            "sandbox": organizations.sandbox,
        }
        try:
            organizations.support()
            for slug, create in stories.items():
                self._once(slug, create)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for sentence in distrusting(settings.DEMO_IDP_URL):
            self.stderr.write(sentence)

    def _once(self, slug: str, create: Any) -> None:
        with without_mails(), transaction.atomic():
            if not organizations.exists(slug):
                create()
                self.stdout.write(f"The demo organization {slug} is there.")
