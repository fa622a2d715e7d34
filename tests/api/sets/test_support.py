"""Support staff choose how an endpoint is told, and see what the app's developers have to know."""

import pytest
from django.test import Client
from django.urls import reverse

from api.models import App, AppRecord, Endpoint
from api.models.endpoint import Method
from tests.cast import SUPPORT

pytestmark = pytest.mark.django_db
ADD, LIST = "admin:api_endpoint_add", "admin:api_endpoint_changelist"


@pytest.mark.parametrize(
    ("method", "url", "audience"),
    [
        ("push", "https://cacoo.example/sets", "https://cacoo.example/sets"),
        ("poll", "", "http://localhost:8000/api/v1/sets/"),
    ],
)
def test_an_endpoint_of_tokens_is_made_changed_and_has_no_secret(
    support_desk: Client, method: str, url: str, audience: str
) -> None:
    asked = {"app": "cacoo", "method": method, "url": url, "contact": "ops@cacoo.example", "with_changes": "on"}
    page = support_desk.post(reverse(ADD), asked, follow=True).content.decode()

    endpoint = Endpoint.objects.get()
    assert (endpoint.method, endpoint.url, endpoint.sealed) == (method, url, "")
    assert all(part in page for part in ("http://localhost:8000<", audience, "http://localhost:8000/api/v1/jwks"))
    changes = {**asked, "contact": "team@cacoo.example"}
    support_desk.post(reverse("admin:api_endpoint_change", args=[endpoint.pk]), changes)
    endpoint.refresh_from_db()
    assert (endpoint.contact, endpoint.url, endpoint.with_changes) == ("team@cacoo.example", url, True)
    asked = {"action": "roll_secret", "_selected_action": str(endpoint.pk)}
    assert "no secret of its own" in support_desk.post(reverse(LIST), asked, follow=True).content.decode()
    assert AppRecord.objects.get(event="endpoint.made").changes["method"] == ["", method]


def test_an_address_stands_where_it_is_needed_and_nowhere_else(support_desk: Client) -> None:
    asked = {"app": "cacoo", "contact": "ops@cacoo.example"}
    for wrong in ({"method": "poll", "url": "https://cacoo.example/sets"}, {"method": "push"}, {"method": "post"}):
        assert support_desk.post(reverse(ADD), asked | wrong).status_code == 200
    assert not Endpoint.objects.exists()


def test_an_app_has_five_endpoints_at_most(support_desk: Client) -> None:
    for _ in range(5):
        Endpoint.objects.make(
            app=App.CACOO, method=Method.POLL, url="", contact="ops@cacoo.example", with_changes=False, by=SUPPORT
        )
    asked = {"method": "poll", "contact": "ops@cacoo.example"}

    page = support_desk.post(reverse(ADD), asked | {"app": "cacoo"}).content.decode()
    support_desk.post(reverse(ADD), asked | {"app": "backlog"})

    assert "Cacoo already has 5 endpoints" in page
    assert [Endpoint.objects.filter(app=app).count() for app in ("cacoo", "backlog")] == [5, 1]
