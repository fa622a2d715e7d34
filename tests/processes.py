"""What processes that tests and benchmarks start stand on."""

import ctypes
import signal
import socket
import sys

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def interrupted_with_parent() -> None:
    """For `preexec_fn`: the kernel interrupts this child when its parent dies, however that dies.

    Shells start what runs in the background with SIGINT ignored, and children inherit that: here it works again.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def together(*commands: list[str]) -> list[str]:
    """Arguments of manage.py that run these commands in one process: each start takes two seconds of the processor."""
    run = f"from django.core.management import call_command\nfor command in {commands!r}:\n    call_command(*command)"
    return ["shell", "--no-imports", "-c", run]
