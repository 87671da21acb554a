"""What the console remembers: the metering points and its parameters, one JSON file replaced whole."""

from __future__ import annotations

import json
import re
import secrets
import threading
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from gateway_sim.field.model import MeterSettings
from gateway_sim.files import write_atomic

FILE = "console.json"


@dataclass(frozen=True)
class PointCard:
    """A metering point and how its meter is reached. `connection`: empty for the serial port of the parameters,
    `call` for a converter that calls in, else a pyserial port or URL of its own."""

    id: str
    name: str = ""
    place: str = ""
    system: str = "heat"
    number: str = ""
    model: str = ""
    serial: str = ""
    address: str = ""
    password: str = ""
    adapter: str = ""
    adapter_address: str = ""
    connection: str = ""
    baud: int | None = None
    flow: str = ""
    timeout_ms: int | None = None
    supply: int = 1
    return_: int = 2
    heat_input: int = 1
    cells: dict[str, str] = field(default_factory=dict)
    registers: dict[str, int] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    last_file: str = ""
    last_poll: str = ""

    def meter_settings(self) -> MeterSettings:
        return MeterSettings(
            self.model, self.address, self.serial, self.password, self.baud,
            None if self.timeout_ms is None else self.timeout_ms / 1000,
            self.heat_input, self.supply, self.return_, self.options, self.cells, self.registers,
        )  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    serial_port: str = ""
    tcp_port: int = 10_000
    folder: str = ""
    theme: str = "auto"
    language: str = "ru"
    support: str = ""
    portal: str = ""


class Store:
    """Every change is on the disk when the method returns. One process, several threads."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / FILE
        self._lock = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._data = self._load()

    def _load(self) -> dict[str, Any]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            if not _is_ours(data):
                raise ValueError("not a file of the console")
        except FileNotFoundError:
            return {"points": [], "parameters": {}}
        except (OSError, ValueError):
            # keep what cannot be read: somebody may mend it by hand
            self.path.replace(self.path.with_name(f"{FILE}.broken-{secrets.token_hex(3)}"))
            return {"points": [], "parameters": {}}
        return {"points": data.get("points", []), "parameters": data.get("parameters", {})}

    def _save(self) -> None:
        write_atomic(self.path, json.dumps(self._data, ensure_ascii=False, indent=1) + "\n")

    def points(self) -> list[PointCard]:
        cards = [_known(PointCard, item) for item in self._data.get("points", []) if item.get("id")]
        return sorted(cards, key=lambda card: (card.number, card.name))

    def point(self, point_id: str) -> PointCard | None:
        return next((card for card in self.points() if card.id == point_id), None)

    def save_point(self, card: PointCard) -> PointCard:
        if not card.id:
            card = replace(card, id=secrets.token_hex(4))
        with self._lock:
            others = [item for item in self._data.get("points", []) if item.get("id") != card.id]
            self._data["points"] = [*others, asdict(card)]
            self._save()
        return card

    def change_point(self, point_id: str, **changes: Any) -> None:
        """Some fields alone, so that what was saved meanwhile stays; nothing if the point is gone."""
        with self._lock:
            for item in self._data["points"]:
                if item.get("id") == point_id:
                    item.update(changes)
                    self._save()

    def remove_point(self, point_id: str) -> None:
        with self._lock:
            self._data["points"] = [item for item in self._data["points"] if item.get("id") != point_id]
            self._save()
        self.forget_journal(point_id)

    # ---- the last journal of each point

    def keep_journal(self, point_id: str, text: str) -> None:
        self._journal(point_id).parent.mkdir(exist_ok=True, mode=0o700)
        write_atomic(self._journal(point_id), text)

    def journal(self, point_id: str) -> str:
        try:
            return self._journal(point_id).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def forget_journal(self, point_id: str) -> None:
        self._journal(point_id).unlink(missing_ok=True)

    def _journal(self, point_id: str) -> Path:
        """Ids are ours, eight hexadecimal digits; whatever else stands in the file leads nowhere."""
        return self.directory / "journals" / f"{re.sub('[^0-9a-f]', '', point_id)}.txt"

    @property
    def parameters(self) -> Parameters:
        parameters: Parameters = _known(Parameters, self._data.get("parameters", {}))
        return parameters

    def save_parameters(self, parameters: Parameters) -> None:
        with self._lock:
            self._data["parameters"] = asdict(parameters)
            self._save()

    @property
    def folder(self) -> Path:
        chosen = self.parameters.folder
        return Path(chosen).expanduser() if chosen else self.own_folder

    @property
    def own_folder(self) -> Path:
        """Where files go when the chosen folder fails."""
        return self.directory / "data"

    @property
    def folders(self) -> list[Path]:
        return list(dict.fromkeys([self.folder, self.own_folder]))


def _is_ours(data: Any) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("parameters", {}), dict):
        return False
    points = data.get("points", [])
    return isinstance(points, list) and all(isinstance(item, dict) for item in points)


def _known(kind: Any, item: dict[str, Any]) -> Any:
    """A file of another release, or one mended by hand, may have other fields and values: those are left out."""
    known = {one.name: one for one in fields(kind)}
    return kind(
        **{name: value for name, value in item.items() if name in known and _fits(known[name], value)}
    )


def _fits(one: Any, value: Any) -> bool:
    usual = one.default if one.default is not MISSING else one.default_factory() if one.name != "id" else ""
    return value is None or isinstance(value, int) if usual is None else type(value) is type(usual)
