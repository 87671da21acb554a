"""Opens a bus of the site file for the poller."""

from __future__ import annotations

from collections.abc import Sequence

from gateway_sim.mbus.master import Master
from gateway_sim.mbus.records import Telegram
from gateway_sim.mbus.transport import open_transport
from gateway_sim.site import Bus

RETRIES = 2


class BusReader:
    def __init__(self, bus: Bus) -> None:
        self._transport = open_transport(bus.port, bus.baud)
        self._master = Master(self._transport, retries=RETRIES)

    def read(self, address: str) -> Sequence[Telegram]:
        return self._master.read(address)

    def close(self) -> None:
        self._transport.close()


def open_bus(bus: Bus) -> BusReader:
    return BusReader(bus)
