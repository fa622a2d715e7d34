"""The synchronized fields of a member, a line each: they are the IdP's as soon as it sends them.

Everything else of a member (privileges, licences, teams, type) is decided here.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from members.texts import Text


@dataclass(frozen=True)
class Field:
    # Name in recorded changes: the column of the account or member, or a name for several together.
    name: str
    # SCIM attribute; of a sub-attribute the path.
    scim: str
    label: Text
    # The field of the member page that shows this very value.
    on_page: str = ""
    # The field of the member page that is the IdP's once it sends this, where that is another.
    keeps: str = ""
    # Stored beside a value of ours, only to be answered as it was sent.
    is_as_sent: bool = False
    # Its column is the account's, so that it is the same in every organization.
    is_of_account: bool = True

    @property
    def kept_as(self) -> str:
        return self.keeps or self.on_page


FIELDS = (
    Field("user_name", "userName", _("Sign-in address"), on_page="user_name"),
    Field("email", "emails", _("Email"), on_page="email"),
    Field("name", "name", _("Name"), on_page="name"),
    Field("display_name", "displayName", _("Display name"), on_page="name"),
    Field("formatted_name", "name.formatted", _("Full name")),
    Field("given_name", "name.givenName", _("Given name")),
    Field("family_name", "name.familyName", _("Family name")),
    Field("language", "preferredLanguage", _("Language"), on_page="language"),
    # A preference that SCIM may set, so it is not marked as changed here.
    Field("time_zone", "timezone", _("Time zone"), keeps="time_zone"),
    Field("preferred_language", "preferredLanguage", "preferredLanguage", on_page="language", is_as_sent=True),
    Field("locale", "locale", "locale", keeps="language", is_as_sent=True),
    Field("time_zone_as_sent", "timezone", "timezone", is_as_sent=True),
    Field("email_type", "emails.type", "emails.type", is_as_sent=True),
    Field("unique_id", "uniqueId", _("Unique ID"), on_page="unique_id", is_of_account=False),
    Field("external_id", "externalId", "externalId", is_of_account=False),
    Field("role", "roles", _("Role"), on_page="role", is_of_account=False),
    Field("active", "active", _("Active/Inactive")),
)
BY_NAME = {field.name: field for field in FIELDS}
