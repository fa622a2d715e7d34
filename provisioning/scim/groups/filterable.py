"""Columns for filters of Groups: none yet."""

from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.wire.columns import Filterable

FILTERABLE = Filterable(core=GROUP.core, columns={}, schemas={})
