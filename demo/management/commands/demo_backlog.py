from django.conf import settings
from django.core.management.base import CommandError

from api.models import App, AppKey, Endpoint
from api.scopes import Scope
from demo.backlog_server import BacklogServer
from demo.organizations import BY
from demo.serving import ServingCommand
from members.refusals import Refusal

NAME = "Demo Backlog"
CONTACT = "backlog@aozora.example"


class Command(ServingCommand):
    help = "Run Demo Backlog, an app that signs people in through the site. Only while DEBUG is on."

    title, known_as, usual_port = "Demo Backlog", "DEMO_APP_URL", 8002

    def start(self, port: int) -> tuple[BacklogServer, str]:
        try:
            server = BacklogServer(port, new_key(), secret_of_endpoint())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        return server, server.app.url


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
