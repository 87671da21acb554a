"""Devices that can be switched: what a driver gives the agent, and drivers that only play.

A simulated device remembers how it stands in `devices.json` of the state directory, so it survives a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gateway_sim.agent.clock import rfc3339
from gateway_sim.agent.state import StateDir
from gateway_sim.site import Device

# How a device stands after a command: a light is on, a shutter or a valve open or closed.
AFTER = {
    "on": "on", "off": "off", "open": "open", "up": "open", "close": "closed", "down": "closed", "stop": "stopped",
}  # fmt: skip


class DeviceError(Exception):
    """The device did not do it; the message goes to the portal."""


class Devices(Protocol):
    def switch(self, device: Device, command: str) -> str:
        """Carry the command out; what to tell the portal. Raises `DeviceError`."""

    def standing(self) -> dict[str, str]:
        """How each device stands, by ref; one that nobody has switched yet is left out."""


class SimulatedDevices:
    """Lights, shutters and valves that only remember what they were told."""

    def __init__(self, state: StateDir, now: Callable[[], datetime | None]) -> None:
        self.state = state
        self._now = now

    def switch(self, device: Device, command: str) -> str:
        states = self.state.read("devices.json") or {}
        now = self._now()
        word = AFTER.get(command, command)
        states[device.ref] = {"state": word, "since": rfc3339(now) if now else None}
        self.state.write("devices.json", states)
        return f"{device.name}: {word}"

    def standing(self) -> dict[str, str]:
        states = self.state.read("devices.json") or {}
        found = {ref: entry.get("state") for ref, entry in states.items() if isinstance(entry, dict)}
        return {ref: word for ref, word in found.items() if isinstance(word, str)}
