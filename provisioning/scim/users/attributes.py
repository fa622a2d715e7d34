"""The attributes of a User that are stored."""

from provisioning.scim.users.resource import CORE, NULAB
from provisioning.scim.wire.attributes import META, Attributes

EXTENSION = "uniqueId"

USER = Attributes(
    core=CORE,
    extension=NULAB,
    stored={
        "externalId": (),
        "userName": (),
        "displayName": (),
        "name": ("formatted", "familyName", "givenName"),
        "nickName": (),
        "preferredLanguage": (),
        "locale": (),
        "timezone": (),
        "active": (),
        "emails": ("value", "type", "primary"),
        "roles": ("value", "primary"),
        NULAB: (EXTENSION,),
    },
    kept={"schemas": (), "id": (), "meta": META, "groups": ("value", "display")},
    # The words for a role, also those of [Entra]'s app roles.
    read={"roles": ("display", "displayname")},
)
