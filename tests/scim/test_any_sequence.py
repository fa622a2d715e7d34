"""For any sequence of requests the server agrees with the model of tests/scim/model.py."""

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from scim2_models import Extension, Resource, Schema

from tests.scim import CORE, NULAB, Idp
from tests.scim.group_sequences import Sequence
from tests.scim.model import GROUP
from tests.scim.sequences import EitherWay


def models(idp: Idp) -> tuple[Any, Any]:
    schemas = {one["id"]: Schema.model_validate(one) for one in idp.get("/Schemas")["Resources"]}
    user = Resource.from_schema(schemas[CORE])[Extension.from_schema(schemas[NULAB])]  # type: ignore[index]
    return user, Resource.from_schema(schemas[GROUP])


def test_the_server_agrees_with_the_model_after_any_sequence(play_idp: Idp) -> None:
    idp = EitherWay(play_idp.organization, secret=play_idp.secret)
    user, group = models(idp)
    machine = type("Sequence", (Sequence,), {"idp": idp, "user_model": user, "group_model": group})

    run_state_machine_as_test(machine, settings=settings(
        max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
    ))  # fmt: skip
