"""What Groups can be filtered by: nothing yet."""

from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.wire.columns import Filterable

FILTERABLE = Filterable(core=GROUP.core, columns={}, schemas={})
