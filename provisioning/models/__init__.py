from provisioning.models.activity import BadTokenCount, Kind, SyncActivity
from provisioning.models.burst import RefusedBurst
from provisioning.models.departure import RefusedDeparture
from provisioning.models.hours import ActivityHour
from provisioning.models.settings import ProvisioningSettings, preconditions
from provisioning.models.token import Lifetime, ScimToken
from provisioning.models.unrecorded import UnrecordedCalls
from provisioning.models.walk import ScimWalk

__all__ = [
    "ActivityHour",
    "BadTokenCount",
    "Kind",
    "Lifetime",
    "ProvisioningSettings",
    "RefusedBurst",
    "RefusedDeparture",
    "ScimToken",
    "ScimWalk",
    "SyncActivity",
    "UnrecordedCalls",
    "preconditions",
]
