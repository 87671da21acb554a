"""What stands in the building."""

from servers.models.boxes import FoundMeter, LostSpan, MeterRef, Publication, Server, ServerCredential
from servers.models.estate import (
    Building,
    CommandOrder,
    CommonArea,
    Device,
    DeviceSettings,
    Dwelling,
    Occupancy,
)
from servers.models.metering import Medium, Meter, MeteringPoint, MeterInstallation, Quantity, Register, Usage
from servers.models.rights import OccupantRight

__all__ = [
    "Building",
    "CommandOrder",
    "CommonArea",
    "Device",
    "DeviceSettings",
    "Dwelling",
    "FoundMeter",
    "LostSpan",
    "Medium",
    "Meter",
    "MeterInstallation",
    "MeterRef",
    "MeteringPoint",
    "Occupancy",
    "OccupantRight",
    "Publication",
    "Quantity",
    "Register",
    "Server",
    "ServerCredential",
    "Usage",
]
