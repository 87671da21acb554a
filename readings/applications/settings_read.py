"""A `UniversalReader-Settings.xml` that a consumer sends: its metering points, to pre-fill applications. Pure.

Passwords of meters lie in that file in clear: they are not even read.
"""

from __future__ import annotations

from lxml import etree

from readings.applications.meter_models import model_name
from readings.applications.settings_file import SYSTEMS, ConsolePoint

MOST_BYTES = 5_000_000  # a file of a thousand points has a tenth of it
MOST_POINTS = 500
LONGEST = {"number": 20, "title": 200, "address": 250, "model": 80, "serial": 40}
MEDIA = {str(number): medium for medium, number in SYSTEMS.items()}
ARCHIVES = ("lersData", "MeasurePointImportData", "GetDataResponse", "message")


class SettingsRefused(Exception):
    """`code`: too_large, not_xml, archive, not_settings, no_points, too_many_points."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def settings_read(content: bytes) -> list[ConsolePoint]:
    """In the order of the file; `medium` is empty for a system that is not known. Raises `SettingsRefused`."""
    root = _root(content)
    if _name(root) != "settings":
        raise SettingsRefused("archive" if _is_archive(root) else "not_settings")
    found = [element for element in root if _name(element) == "measurePoint"]
    if not found:
        raise SettingsRefused("no_points")
    if len(found) > MOST_POINTS:
        raise SettingsRefused("too_many_points")
    return [_point(element) for element in found]


def _root(content: bytes) -> etree._Element:
    if len(content) > MOST_BYTES:
        raise SettingsRefused("too_large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SettingsRefused("not_xml") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise SettingsRefused("not_xml")
    return root


def _is_archive(root: etree._Element) -> bool:
    named = _name(root) in ARCHIVES
    return named or any(_name(one) in ("record", "measurePoint", "MeasurePoint") for one in root.iter())


def _point(element: etree._Element) -> ConsolePoint:
    texts: dict[str, str] = {}
    for child in element:
        texts.setdefault(_name(child), " ".join((child.text or "").split()))
    given = {
        "number": texts.get("syncNumber", ""), "title": texts.get("title", ""), "address": texts.get("address", ""),
        "model": model_name(texts.get("counterModel", "")),
        "serial": "".join(texts.get("counterSerialNumber", "").split()),
    }  # fmt: skip
    cut = {name: text[: LONGEST[name]] for name, text in given.items()}
    return ConsolePoint(**cut, medium=MEDIA.get(texts.get("systemType", "1"), ""))


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
