"""Licences of an organization: bought, in use, and who holds them."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.questions.members import MemberAnswer, seen_in
from api.scopes import Scope
from api.wire import examples, refusals
from api.wire.describing import described, page_of
from api.wire.paging import PageAsked, Walk
from api.wire.question import Question
from members.console.keyset import Keyset
from members.models import Product, Subscription

BY_NAME = Keyset("name_order")


class LicenceAnswer(serializers.Serializer[Subscription]):
    product = serializers.ChoiceField(choices=Product.values)
    bought = serializers.IntegerField()
    used = serializers.IntegerField(help_text="More than bought where fewer were bought later: nobody loses theirs.")
    free = serializers.IntegerField()
    is_running = serializers.SerializerMethodField(help_text="False once the subscription has ended.")

    def get_is_running(self, subscription: Subscription) -> bool:
        return subscription.ended_at is None


class LicencesAnswer(serializers.Serializer[None]):
    items = LicenceAnswer(many=True)


class Licences(Question):
    scope = Scope.LICENCES

    @described("Read the licences", LicencesAnswer, example={"items": [examples.LICENCE]})
    def get(self, request: Request, space_key: str) -> Response:
        """One entry for each product that has ever been subscribed to."""
        rows = self.ask(request, space_key).organization.subscriptions.order_by("product")
        return Response({"items": LicenceAnswer(rows, many=True).data})


class Holders(Question):
    scope = Scope.LICENCES
    takes = PageAsked

    @described(
        "List the holders of a licence",
        page_of(MemberAnswer),
        takes=PageAsked,
        example=examples.page_with(examples.MEMBER),
    )
    def get(self, request: Request, space_key: str, product: str) -> Response:
        """By name. Inactive members hold none."""
        asked = self.ask(request, space_key)
        if product not in Product.values:
            raise refusals.NoSuchProduct(choices=", ".join(Product.values))
        walk = Walk.of(asked.parameters, "holders", space_key, product)
        page = walk.page(asked.organization.members.licensed_for(Product(product)).select_related("account"), BY_NAME)
        items = MemberAnswer(seen_in(asked, page.rows), many=True).data
        return Response({"items": items, "next_cursor": page.next_cursor})
