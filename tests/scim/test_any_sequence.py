"""For any sequence of requests the server agrees with the model of tests/scim/model.py."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test
from scim2_models import Extension, Resource, Schema, ScimFilter

from tests.scim import CORE, NULAB, Idp, remove
from tests.scim.model import GROUP, Change
from tests.scim.sequences import Sequence
from tests.scim.wording import FILTERS, resource


def models(idp: Idp) -> tuple[Any, Any]:
    schemas = {one["id"]: Schema.model_validate(one) for one in idp.get("/Schemas")["Resources"]}
    user = Resource.from_schema(schemas[CORE])[Extension.from_schema(schemas[NULAB])]  # type: ignore[index]
    return user, Resource.from_schema(schemas[GROUP])


def test_the_server_agrees_with_the_model_after_any_sequence(play_idp: Idp) -> None:
    user, group = models(play_idp)
    machine = type("Sequence", (Sequence,), {"idp": play_idp, "user_model": user, "group_model": group})

    run_state_machine_as_test(machine, settings=settings(
        max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
    ))  # fmt: skip


POPULATION: list[Change] = [
    {"userName": "ada@play.example"},
    {
        "userName": "Ben@Play.example",
        "email": "x@play.example",
        "externalId": "E-1",
        "displayName": "Ben",
        "role": "USER",
    },
    {"userName": "cleo@play.example", "externalId": "e-1", "name.givenName": "Ada", "name.familyName": "Ben 100%_"},
    {"userName": "dora", "nickName": "h1", "active": False, "preferredLanguage": "ja-JP", "timezone": "Asia/Tokyo"},
    {"userName": "eve@play.example", "locale": "fr", "uniqueId": "H2", "name.formatted": "ADA L.", "role": "ADMIN"},
]


def test_every_filter_picks_whom_the_evaluator_of_scim2_models_picks(play_idp: Idp) -> None:
    for change in POPULATION:
        assert play_idp.post(resource(change)).status == 201
    gone = play_idp.find('userName eq "cleo@play.example"')["Resources"][0]["id"]
    play_idp.patch(gone, remove("emails"), remove("preferredLanguage"))
    everybody, model = play_idp.get()["Resources"], models(play_idp)[0]

    @settings(max_examples=150, deadline=None)
    @given(FILTERS)
    def agree(text: str) -> None:
        picked = [one for one in everybody if ScimFilter[model](text).match(model(**one))]  # type: ignore[valid-type]
        assert play_idp.search(filter=text)["Resources"] == picked

    agree()
