"""Addresses and entity IDs that no identity provider can have."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue


class InvalidEntityId(InvalidValue):
    code = "invalid_entity_id"
    sentence = _("The IdP Entity ID is empty or too long. Copy it from the IdP.")


class EntityIdHasOddCharacter(InvalidValue):
    code = "entity_id_has_odd_character"
    sentence = _(
        "The IdP Entity ID contains a space, a line break or an invisible character (%(character)s). Copy it from the "
        "IdP again, without the characters around it."
    )


class InvalidEndpoint(InvalidValue):
    code = "invalid_endpoint"
    sentence = _("“%(url)s” is not an https:// address. Copy the sign-in address from the IdP.")


class EndpointIsHere(InvalidValue):
    code = "endpoint_is_here"
    sentence = _(
        "“%(url)s” is an address of this site, for the IdP to know. Enter the IdP's own sign-in address here instead."
    )


class EndpointHasOddCharacter(InvalidValue):
    code = "endpoint_has_odd_character"
    sentence = _(
        "The IdP Endpoint URL contains a character that is not allowed in an address (%(character)s), such as a space, "
        "a line break or a bracket. Copy the address from the IdP again, without the characters around it."
    )


class EndpointHasPassword(InvalidValue):
    code = "endpoint_has_password"
    sentence = _(
        "The IdP Endpoint URL contains a user name or password before an “@”. Browsers do not send people there. "
        "Enter the address without it."
    )


class EndpointHasForeignHost(InvalidValue):
    code = "endpoint_has_foreign_host"
    sentence = _(
        "The host “%(host)s” in the IdP Endpoint URL contains letters other than a to z. "
        "Enter the form of it that starts with xn--, as a browser's address bar copies it."
    )


class EndpointHasFragment(InvalidValue):
    code = "endpoint_has_fragment"
    sentence = _(
        "The IdP Endpoint URL contains a “#”. The part after it never reaches the IdP. Remove it, or copy the sign-in "
        "address from the IdP again."
    )


class EndpointHasEmptyQuery(InvalidValue):
    code = "endpoint_has_empty_query"
    sentence = _("The IdP Endpoint URL ends in “?” or “&”. Remove that character.")


class EndpointHasRequest(InvalidValue):
    code = "endpoint_has_request"
    sentence = _(
        "The IdP Endpoint URL contains “%(parameter)s”, which belongs to one sign-in only. "
        "Copy the address from the IdP's settings, not from the address bar of a browser."
    )
