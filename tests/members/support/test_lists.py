"""The search boxes of the Django admin's lists."""

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account, Member
from members.support import base
from members.support.logs import LogAdmin

# Keys are compared as they are stored, so these are written as keys.
WORDS = ["mia", "mia sato", "mia@aozora.example", "mia-1", "aozora", "example aoz", '"mia sato"', '"o m"', "%", '"']
# A log has a search of its own.
SEARCHED = [
    model
    for model, shown in admin.site._registry.items()
    if shown.search_fields and isinstance(shown, base.SupportAdmin) and not isinstance(shown, LogAdmin)
]


@pytest.mark.parametrize("few", [1000, 0])
def test_each_list_finds_what_djangos_own_search_finds(
    mia: Member, kenji: Member, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """In the same order, each row once."""
    monkeypatch.setattr(base, "FEW", few)
    request, hits = RequestFactory().get("/"), 0
    for model in SEARCHED:
        shown, rows = admin.site._registry[model], model._default_manager.order_by("pk")
        for words in (*WORDS, mia.scim_id):
            wanted, _ = admin.ModelAdmin.get_search_results(shown, request, rows, words)
            found, has_doubles = shown.get_search_results(request, rows, words)
            assert (model, words, list(found)) == (model, words, list(wanted.distinct()))
            assert not has_doubles
            hits += len(found)
    assert hits > len(WORDS)


@pytest.mark.parametrize("words", ["MIA@Aozora", "ＭＩＡ　aozora", "{mia.scim_id}"])
@pytest.mark.parametrize("model", [Account, Member])
def test_a_search_for_people_looks_once_and_joins_nothing(
    support_desk: Client, mia: Member, model: type[Model], words: str
) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = support_desk.get(
            reverse(f"admin:members_{model.__name__.lower()}_changelist"), {"q": words.format(mia=mia).upper()}
        )

    assert [row.pk for row in answer.context["cl"].result_list] == [mia.pk if model is Member else mia.account_id]
    [search] = [query["sql"] for query in asked.captured_queries if "LIKE" in query["sql"]]
    assert "JOIN" not in search
    assert "DISTINCT" not in search
