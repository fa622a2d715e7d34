"""The yardstick: the same Django, the same server, a view that does nothing."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Content-Length": "0"})


settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
urlpatterns = [path("", nothing)]
application = get_wsgi_application()
