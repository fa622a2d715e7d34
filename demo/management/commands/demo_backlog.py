from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.models import App, AppKey, Endpoint
from api.scopes import Scope
from demo.backlog_server import BacklogServer
from demo.organizations import BY
from members.refusals import Refusal

NAME = "Demo Backlog"
CONTACT = "backlog@aozora.example"


class Command(BaseCommand):
    help = "Run Demo Backlog, an app that signs people in through the site. Only while DEBUG is on."

    def add_arguments(self, parser: CommandParser) -> None:
        default = urlsplit(settings.DEMO_APP_URL).port or 8002
        parser.add_argument("--port", type=int, default=default, help=f"default: {default}, of DEMO_APP_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo Backlog is for trying out: it runs only with DEBUG=1.")
        try:
            server = BacklogServer(options["port"], new_key(), secret_of_endpoint())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise CommandError(
                f"Port {options['port']} cannot be used: {reason}. Choose another with --port."
            ) from None
        self.stdout.write(f"Demo Backlog: {server.app.url}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()


def new_key() -> str:
    """A key of this run; that of the last one is revoked, because nobody knows it any more."""
    for key in AppKey.objects.filter(app=App.BACKLOG, name=NAME, revoked_at=None):
        key.revoke(by=BY)
    return AppKey.objects.make(app=App.BACKLOG, name=NAME, scopes=[Scope.ACCESS.value], by=BY)[1]


def secret_of_endpoint() -> str:
    """A secret of this run for the one endpoint of the demo."""
    url = f"{settings.DEMO_APP_URL}/hook"
    endpoint = Endpoint.objects.filter(app=App.BACKLOG, contact=CONTACT).first()
    if endpoint is None:
        return Endpoint.objects.make(app=App.BACKLOG, url=url, contact=CONTACT, with_changes=False, by=BY)[1]
    endpoint.change(url=url, contact=CONTACT, with_changes=False, by=BY)
    if endpoint.paused_at:
        endpoint.resume(by=BY)
    return endpoint.roll_secret(by=BY)
