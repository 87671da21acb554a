"""A field console whose lines lead to simulated meters, and a browser on it."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from gateway_sim.console.app import create_app
from gateway_sim.console.polling import Polls, Running
from gateway_sim.console.store import PointCard, Store
from gateway_sim.field.driver import make_simulator, models
from gateway_sim.mbus.transport import Transport
from gateway_sim.simulator.faults import FaultyLine
from gateway_sim.simulator.ports import VirtualTransport
from tests.gateway_sim.field.field_kit import NOW


class Bench:
    """A console whose lines lead to simulated meters, and a browser on it."""

    def __init__(self, directory: Path) -> None:
        self.store = Store(directory)
        self.line: dict[str, Any] = {}
        self.gate: threading.Event | None = None
        self.polls = Polls(self.store, self._connect)
        app = create_app(directory, polls=self.polls, state=directory / "box")
        self.client: FlaskClient = app.test_client()
        self.client.get("/")

    def _connect(self, card: PointCard, running: Running) -> Transport:
        if self.gate is not None:
            self.gate.wait(120)
        device = make_simulator(card.model, now=NOW.isoformat())
        return VirtualTransport(FaultyLine(device, **self.line), models()[card.model].baud)

    def get(self, path: str, **query: str) -> str:
        response = self.client.get(path, query_string=query or None, follow_redirects=True)
        assert response.status_code == 200, response.status_code
        return response.get_data(as_text=True)

    def post(self, path: str, status: int = 200, **data: Any) -> str:
        token = re.search(r'name="token" value="(\w+)"', self.get("/"))
        assert token
        response = self.client.post(path, data={"token": token[1], **data}, follow_redirects=True)
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_data(as_text=True)

    def point(self, model: str = "multical601", number: str = "101", **meter: str) -> PointCard:
        self.post("/points/new", name=f"Дом {number}", place="Чита", system="heat", number=number)
        (card,) = [card for card in self.store.points() if card.number == number]
        self.post(f"/points/{card.id}?tab=meter", model=model, **meter)
        return self.store.point(card.id) or card

    def poll(self, card: PointCard, *kinds: str, first: str = "2026-10-01", last: str = "2026-10-31") -> str:
        self.post(f"/points/{card.id}/poll", **{"from": first, "to": last, "kinds": list(kinds)})
        self.finish()
        return self.get(f"/points/{card.id}/poll")

    def finish(self) -> None:
        for thread in threading.enumerate():
            if thread.name == "poll":
                thread.join(120)
