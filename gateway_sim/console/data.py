"""The files of the data folder, and the rows of one for the eye."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lxml import etree

SUFFIX = ".xml"
MOST = 50_000_000


@dataclass(frozen=True)
class DataFile:
    path: Path
    name: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Table:
    """One archive of a file: columns by SDK name, a row a record."""

    kind: str
    columns: list[str]
    rows: list[tuple[str, bool, dict[str, str]]]  # moment, missing in the meter, values


def files(folders: list[Path]) -> list[DataFile]:
    """Newest first; nothing of a folder that is not there, of a name that two folders have the first's."""
    known: dict[str, DataFile] = {}
    for path in (path for folder in folders for path in _listed(folder)):
        try:
            facts = path.stat()
        except OSError:  # it went away meanwhile
            continue
        known.setdefault(path.name, DataFile(path, path.name, facts.st_size, _moment(facts.st_mtime)))
    return sorted(known.values(), key=lambda one: (one.at, one.name), reverse=True)


def _listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix == SUFFIX and not path.name.startswith(".")]
    except OSError:
        return []


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp).replace(microsecond=0)  # noqa: DTZ006 the netbook's own time


def file_of(folders: list[Path], name: str) -> Path | None:
    """A file of the folders by its name; None for anything else, `..` above all."""
    return next((one.path for one in files(folders) if one.name == name), None)


def tables(path: Path) -> list[Table]:
    """The archives of a file that we wrote; empty for one that cannot be read."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        if path.stat().st_size > MOST:
            return []
        root = etree.parse(str(path), parser).getroot()
    except (etree.XMLSyntaxError, OSError):
        return []
    return [_table(interval) for interval in root.iter("interval")]


def _table(interval: etree._Element) -> Table:
    columns: dict[str, None] = {}
    rows = []
    for record in interval.iterfind("record"):
        values = {child.tag: child.text or "" for child in record if isinstance(child.tag, str)}
        moment = values.pop("dateTime", "")
        attributes = values.pop("attributes", "")
        values.pop("badValues", None)
        columns |= dict.fromkeys(values)
        rows.append((moment.replace("T", " ")[:16], "MissingInDevice" in attributes, values))
    return Table((interval.findtext("dataType") or "").lower(), sorted(columns), rows)
