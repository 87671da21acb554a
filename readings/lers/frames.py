"""Elements that are open, and what they lend to the series inside them."""

from __future__ import annotations

from collections.abc import Mapping

from readings.lers.fields import CLOCK_IN, Entry, Field, Fields, Identity
from readings.lers.model import LersRefused, Series
from readings.lers.vocabulary import Role, device_like, fold

_OTHERS = {"html", "svg", "workbook", "schema", "wsdl", "definitions", "rss", "feed", "project"}
_NUMBERS = {fold(name) for name in ("number", "номер", "no", "num")}
KEPT = 512  # fields and loose values one element may gather


class Frame:
    """An open element."""

    __slots__ = (
        "cache", "carry", "children", "fields", "header", "header_used", "line", "nil", "records", "series",
        "size", "tag", "text", "unknown",
    )  # fmt: skip

    def __init__(self, tag: str, line: int) -> None:
        self.tag = tag
        self.line = line
        self.fields: list[Field] = []
        self.text: list[str] = []
        self.size = 0
        self.children = False
        self.nil = False
        self.records = 0
        self.series: list[tuple[Series, Identity | None]] = []
        self.cache: dict[tuple[object, ...], Series | None] = {}
        self.carry: list[Entry] = []
        self.header: Identity | None = None
        self.header_used = True
        self.unknown = False  # holds a text under a name that nobody knows


def root_check(tag: str, attrib: dict[str, str], line: int) -> None:
    """Raises `LersRefused` for documents that are known to be something else."""
    name = fold(tag)
    if name == "message" and attrib.get("class") in ("80020", "80040", "80000"):
        raise LersRefused("electricity_80020", line)
    if name in _OTHERS:
        raise LersRefused("not_lers", line)


def fill(series: Series, identity: Identity) -> None:
    """Nearest wins: only what is still unknown is taken."""
    series.point = series.point or identity.point
    series.serial = series.serial or identity.serial
    series.model = series.model or identity.model
    series.system = series.system or identity.system
    series.title = series.title or identity.title


def fill_from_headers(root: Frame, twins: Mapping[int, Series]) -> bool:
    """Records beside a header that names their point; True if two headers stood before some of them."""
    ambiguous = False
    for series, hint in root.series:
        if series.point is None and hint is not None:
            ambiguous = ambiguous or hint.point is None
            for each in (series, twins.get(series.index)):
                if each is not None:
                    fill(each, hint)
    return ambiguous


def dated(found: Fields, day: Frame) -> None:
    """An hour inside an element that tells the day: the record's time is both, and it is no record of a day."""
    if "hour" not in found.best and "clock" not in found.best:
        return
    date = next((field for field in day.fields if field.role.what == "time"), None)
    if date is not None and date.text and not CLOCK_IN.search(date.text):
        found.best["time"] = date
        found.best.setdefault("kind", Field(Role("kind", fold("dataType")), "dataType", "Hour", date.line))


def lend(frame: Frame, found: Fields, identity: Identity, parent: Frame) -> None:
    """A container without records may describe the meter or the point of its neighbours."""
    if device_like(frame.tag):
        lent = [f for f in frame.fields if f.role.what in ("serial", "model")]
        number = found.best.get("weakpoint")
        if number and not found.text("serial") and number.role.key in _NUMBERS:
            lent.append(number._replace(role=Role("serial", "number", 50)))
        parent.fields += lent[: KEPT - len(parent.fields)]
    elif identity.point:
        known = parent.header
        if known is not None and not parent.header_used and known.point != identity.point:
            parent.header = Identity()  # two points and no record between them: neither is meant
        else:
            parent.header = identity
        parent.header_used = False
