"""The SCIM endpoint of an organization: each resource is a room of its own, handed to the wire here."""

from provisioning.scim.groups.handlers import GROUPS
from provisioning.scim.users.handlers import USERS
from provisioning.scim.wire.addresses import addresses

app_name = "scim"
urlpatterns = addresses(USERS, GROUPS)
