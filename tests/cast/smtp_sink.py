"""A mail server that takes every mail, or, while `silent`, takes the connection and says nothing."""

import socketserver
import threading


class SmtpSink(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.port: int = self.server_address[1]
        self.mails: list[str] = []
        self.silent = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Conversation(socketserver.StreamRequestHandler):
    server: SmtpSink

    def handle(self) -> None:
        if self.server.silent.is_set():
            while self.server.silent.is_set() and self.rfile.readline():
                pass
            return
        self._say(220)
        while line := self.rfile.readline():
            verb = line.strip().upper()[:4]
            if verb == b"DATA":
                self._say(354)
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self._say(221 if verb == b"QUIT" else 250)
            if verb == b"QUIT":
                return

    def _say(self, code: int) -> None:
        self.wfile.write(b"%d done\r\n" % code)
