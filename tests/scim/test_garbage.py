"""Memory of a call: given back with its answer, not when the interpreter next searches for garbage."""

import gc
import weakref
from typing import Any

import pytest

from provisioning.scim.wire import door
from provisioning.scim.wire.call import Call
from tests.scim import Idp


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/Users?count=2"), ("GET", "/Users?startIndex=2"), ("GET", "/Users?cursor="), ("GET", "/Groups"),
        ("GET", "/Users?filter=active%20eq%20true"), ("HEAD", "/Users"), ("GET", "/"), ("POST", "/Users/.search"),
    ],
)  # fmt: skip
def test_a_page_is_forgotten_with_its_answer(idp: Idp, monkeypatch: pytest.MonkeyPatch, method: str, path: str) -> None:
    idp.create("nao")
    calls: list[weakref.ref[Call]] = []

    def made(request: Any) -> Call:
        call = Call(request)
        calls.append(weakref.ref(call))
        return call

    monkeypatch.setattr(door, "Call", made)
    is_searching = gc.isenabled()
    gc.disable()
    try:
        assert idp.call(method, path, {} if method == "POST" else None).status == 200
        assert [call() for call in calls] == [None]
    finally:
        if is_searching:
            gc.enable()
