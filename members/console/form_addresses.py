"""Somebody reloads an address that only takes a form, or changes the language there: the page above opens instead."""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

# Beginnings of the addresses whose parts above are pages.
PAGES = ("/spaces/", "/invitations/", "/preferences/")


class FormAddressMiddleware:
    """A redirect for browsers; programs get the 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and _is_opened_by_a_person(request):
            return redirect(page_above(request.path))
        return response


def _is_opened_by_a_person(request: HttpRequest) -> bool:
    return request.path.startswith(PAGES) and "text/html" in request.headers.get("Accept", "")


def page_above(path: str) -> str:
    """The nearest address above that exists; the start page in the end."""
    while path := path.rpartition("/")[0]:
        with suppress(Resolver404):
            resolve(path)
            return path
    return reverse("home")
