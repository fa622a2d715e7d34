from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The value is the one on the SCIM wire; the order is from the highest down."""

    ADMIN = "ADMIN", _("Administrator")
    USER = "USER", _("Member")
    GUEST = "GUEST", _("Guest")

    def is_higher_than(self, other: "Role") -> bool:
        roles = list(Role)
        return roles.index(self) < roles.index(other)
