"""Its addresses, its sign-in by a token, and the application that granian runs."""

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.scim2_site.settings")

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

TOKEN = "bench"


class BearerMiddleware:
    """The first user for who has the token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from django.contrib.auth import get_user_model

        if request.headers.get("Authorization") == f"Bearer {TOKEN}":
            users: Any = get_user_model().objects
            request.user = users.get(username="administrator")
        return self.get_response(request)


urlpatterns = [path("scim/v2/", include("django_scim.urls"))]
application = get_wsgi_application()
