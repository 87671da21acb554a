"""`UniversalReader-Settings.xml`: the points of the seed's program, read into ours.

Passwords of meters lie in that file in clear. They are left out unless the reader asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from gateway_sim.console.store import PointCard
from gateway_sim.field.driver import models

MOST = 5_000_000  # bytes; a file of a thousand points has a tenth of it
SYSTEMS = {"1": "heat", "2": "hot_water", "4": "cold_water", "16": "gas", "32": "electricity"}
FLOWS = {"2": "xonxoff", "4": "rtscts"}
ADAPTERS = {"0": "", "12": "k105", "13": "multical_67", "14": "multical_rs232", "15": "optical", "20": "mbus"}


class SettingsError(Exception):
    """The file is no settings file; `code` tells why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SettingsFile:
    """`unknown`: points whose meter no driver of ours reads; they are there without a model."""

    points: list[PointCard]
    serial_port: str
    tcp_port: int | None
    folder: str
    passwords: int
    unknown: list[str]


def read_settings(content: bytes, *, keep_passwords: bool = False) -> SettingsFile:
    """Raises `SettingsError`: too_large, not_xml, not_settings."""
    if len(content) > MOST:
        raise SettingsError("too_large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SettingsError("not_xml") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise SettingsError("not_xml")
    if etree.QName(root).localname != "settings":
        raise SettingsError("not_settings")
    found = [element for element in root if _name(element) == "measurePoint"]
    points = [_point(element, keep_passwords) for element in found]
    return SettingsFile(
        points,
        _text(root, "serialPortName"),
        _whole(_text(root, "listenPort"), 1, 65_535),
        _text(root, "saveDirectory"),
        sum(bool(_text(element, "password")) for element in found),
        [card.number or card.name for card in points if not card.model],
    )


def _point(element: etree._Element, keep_passwords: bool) -> PointCard:
    code = _whole(_text(element, "counterModel"), 0, 10_000)
    names = {info.code: name for name, info in reversed(models().items()) if info.code}
    return PointCard(
        id="",
        name=_text(element, "title"),
        place=_text(element, "address"),
        system=SYSTEMS.get(_text(element, "systemType"), "heat"),
        number=_text(element, "syncNumber"),
        model=names.get(code or 0, ""),
        serial=_text(element, "counterSerialNumber"),
        address=_text(element, "networkAddress"),
        password=_text(element, "password") if keep_passwords else "",
        adapter=ADAPTERS.get(_text(element, "adapterModel"), "other"),
        adapter_address=_text(element, "adapterAddress"),
        baud=_whole(_text(element, "portSpeed"), 300, 115_200),
        flow=FLOWS.get(_text(element, "flowControl"), ""),
        timeout_ms=_whole(_text(element, "responseDelay"), 1, 60_000),
        supply=_whole(_text(element, "supplyChannel"), 1, 9) or 1,
        return_=_whole(_text(element, "returnChannel"), 1, 9) or 2,
        heat_input=_whole(_text(element, "heatLeadIn"), 1, 9) or 1,
    )


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(element: etree._Element, name: str) -> str:
    child = next((one for one in element if _name(one) == name), None)
    return " ".join((child.text or "").split())[:300] if child is not None else ""


def _whole(text: str, least: int, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most else None
