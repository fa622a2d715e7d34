"""Events go to public addresses only, whatever a name means, whenever it is asked; and nobody holds a delivery up."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from api import addresses
from api.addresses import Forbidden, NotFound, addresses_of, checked_url, is_public
from api.addresses_refusals import NotAnEndpoint
from api.webhooks import posting
from api.webhooks.posting import Line, NoAnswer

NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::1", "2002:808:808::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1", "192.0.0.8", "192.88.99.1", "3fff::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:830::200e", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_not_of_the_internet_at_large_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    with pytest.raises(Forbidden):
        addresses_of(text)


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_of_the_internet_at_large_is_public(text: str) -> None:
    assert addresses_of(text) == [text]


@pytest.mark.parametrize(
    "url",
    [
        "", "https://", "http://backlog.example/", "ftp://backlog.example/", "https://u:p@backlog.example/",
        "https://u@backlog.example/", "https://backlog.example/#x", "https://127.0.0.1/", "https://[::1]/",
        "https://[::ffff:7f00:1]/", "https://169.254.169.254/latest", "https://backlog.example:0/",
        "https://backlog.example:99999/", "https://back log.example/", "//backlog.example",
        "https://[::1", "https://backlog.example/" + "a" * 500, "javascript:alert(1)", "https://例え.example/\u2028",
    ],
)  # fmt: skip
def test_such_an_address_is_no_endpoint(url: str) -> None:
    with pytest.raises(NotAnEndpoint):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["https://backlog.example/hook?x=1", "https://backlog.example:8443", "https://8.8.8.8/"]
)
def test_such_an_address_is_one(url: str) -> None:
    assert checked_url(f" {url} ") == url


@pytest.mark.parametrize("odd", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "localhost."])
def test_another_spelling_of_this_machine_is_asked_of_dns_and_refused(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is made to what DNS answers, never to the spelling itself."""
    connected: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: connected.append(args))
    monkeypatch.setattr(addresses, "look_up", lambda host: ["127.0.0.1"])

    with pytest.raises(NoAnswer, match="not public"):
        Line(f"https://{odd}/").post(b"{}", {})

    assert connected == []


def test_a_name_that_means_something_else_at_the_second_look_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look for each connection, which is made to what was seen."""
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    connected: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(addresses, "look_up", lambda host: next(answers))
    monkeypatch.setattr(socket, "create_connection", connect)
    for _ in range(2):
        with pytest.raises(NoAnswer):
            Line("https://rebinding.example/").post(b"{}", {})

    assert connected == [("8.8.8.8", 443)]


def test_one_private_address_among_several_forbids_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "look_up", lambda host: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Forbidden):
        addresses_of("backlog.example")


def test_a_name_that_dns_does_not_know_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str) -> list[str]:
        raise NotFound(f"{host} was not found: NXDOMAIN")

    monkeypatch.setattr(addresses, "look_up", unknown)
    with pytest.raises(NoAnswer, match="NXDOMAIN"):
        Line("https://backlog.example/").post(b"{}", {})


# -- odd receivers


@contextmanager
def answering(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does as it likes with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def posted(serve: Callable[[socket.socket], None], settings: Any, times: int = 1) -> list[int]:
    with answering(serve) as url:
        settings.WEBHOOKS_ON_THIS_MACHINE = [url]
        line = Line(f"{url}/hook")
        try:
            return [line.post(b"{}", {}).status for _ in range(times)]
        finally:
            line.close()


def test_a_redirect_is_not_followed(settings: Any) -> None:
    def redirect(connection: socket.socket) -> None:
        connection.recv(9999)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    assert posted(redirect, settings) == [302]


def test_an_answer_without_end_is_not_heard_out(settings: Any) -> None:
    heard = [0]

    def talk(connection: socket.socket) -> None:
        connection.recv(9999)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while heard[0] < 50_000_000:
            heard[0] += connection.send(b"x" * 10_000)

    assert posted(talk, settings) == [200]
    assert heard[0] < 20_000_000


@pytest.mark.parametrize("drop", [b"H", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_drop_by_drop_is_not_waited_for(settings: Any, monkeypatch: pytest.MonkeyPatch, drop: bytes) -> None:
    monkeypatch.setattr(posting, "MAX_SECONDS", 0.4)

    def drip(connection: socket.socket) -> None:
        connection.recv(9999)
        connection.sendall(drop)
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    begin = time.monotonic()
    with pytest.raises(NoAnswer):
        posted(drip, settings)
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 100_000, b"HTTP/2\0x 200 OK\r\n\r\n"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcdefgh\r\n",
        *(b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nX: y\r\n"),
    ],
)
def test_what_speaks_no_http_or_is_cut_off_is_no_answer(settings: Any, answer: bytes) -> None:
    def speak(connection: socket.socket) -> None:
        connection.recv(9999)
        connection.sendall(answer)

    with pytest.raises(NoAnswer) as said:
        posted(speak, settings)
    assert str(said.value).isprintable(), "it is stored"


def test_a_piece_that_claims_to_have_no_end_is_not_heard_out(settings: Any) -> None:
    heard = [0]

    def talk(connection: socket.socket) -> None:
        connection.recv(9999)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
        while heard[0] < 50_000_000:
            heard[0] += connection.send(b"x" * 10_000)

    with suppress(NoAnswer):
        posted(talk, settings)
    assert heard[0] < 20_000_000


def test_the_final_answer_counts(settings: Any) -> None:
    def hint(connection: socket.socket) -> None:
        while connection.recv(9999):
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")

    assert posted(hint, settings, times=2) == [204, 204]


def test_what_nobody_has_asked_is_not_the_answer_to_the_next_event(settings: Any) -> None:
    def end_with_408(connection: socket.socket) -> None:
        connection.recv(9999)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        time.sleep(0.05)
        connection.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        connection.recv(9999)

    with answering(end_with_408) as url:
        settings.WEBHOOKS_ON_THIS_MACHINE = [url]
        line = Line(url)
        assert line.post(b"{}", {}).status == 204
        time.sleep(0.15)
        assert line.post(b"{}", {}).status == 204
        line.close()


def test_a_connection_that_was_closed_meanwhile_is_opened_again(settings: Any) -> None:
    def once(connection: socket.socket) -> None:
        connection.recv(9999)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    assert posted(once, settings, times=3) == [200, 200, 200]
