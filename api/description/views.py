"""The description of the API: the document, and a page to read it and to try it out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.description.document import document


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(document(), content_type="application/json")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Swagger UI from our own files, in the frame of all pages. What it says is English, as the document is."""
    return render(request, "api/description/page.html")
