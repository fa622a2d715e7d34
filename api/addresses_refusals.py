from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue


class NotAnEndpoint(InvalidValue):
    code = "not_an_endpoint"
    sentence = _(
        "Enter the address of a public server that starts with https://, without a user name and without a “#”."
    )
