"""The state of user provisioning: the one verdict, as pages, mails and metrics have it."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.scopes import Scope
from api.wire import examples
from api.wire.describing import described
from api.wire.question import Question
from provisioning.monitoring.health import Health, Verdict, verdict
from provisioning.monitoring.health_words import state_of


class HealthAnswer(serializers.Serializer[Verdict]):
    state = serializers.ChoiceField(source="health", choices=Health.values)
    label = serializers.SerializerMethodField(help_text="The state in the asked language.")
    cause = serializers.SerializerMethodField(help_text="The code of the largest cause; null where there is none.")
    detail = serializers.SerializerMethodField(help_text="A sentence in the asked language.")

    def get_label(self, found: Verdict) -> str:
        return str(state_of(found).label)

    def get_cause(self, found: Verdict) -> str | None:
        return found.cause or None

    def get_detail(self, found: Verdict) -> str:
        return str(state_of(found).sentence)


class ProvisioningHealth(Question):
    scope = Scope.HEALTH

    @described("Read the state of user provisioning", HealthAnswer, example=examples.HEALTH)
    def get(self, request: Request, space_key: str) -> Response:
        found = verdict(self.ask(request, space_key).organization)
        return Response({**HealthAnswer(found).data})
