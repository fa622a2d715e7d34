from demo.key import distrusting
from demo.server import DemoIdpServer
from demo.serving import ServingCommand


class Command(ServingCommand):
    help = "Run a small identity provider that sends Microsoft Entra ID's requests. Only while DEBUG is on."

    title, known_as, usual_port = "Demo identity provider", "DEMO_IDP_URL", 8001

    def start(self, port: int) -> tuple[DemoIdpServer, str]:
        server = DemoIdpServer(port)
        for sentence in distrusting(server.url):
            self.stderr.write(sentence)
        return server, server.url
