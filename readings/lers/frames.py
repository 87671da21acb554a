"""Elements that are open, and what they lend to the series inside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from readings.lers.collect import Collector
from readings.lers.fields import CLOCK_IN, Entry, Field, Fields, Identity, sort_fields
from readings.lers.model import Kind, LersRefused, Series
from readings.lers.units import is_unit
from readings.lers.values import clean
from readings.lers.vocabulary import Role, Vocabulary, device_like, fold, kind_of_name

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


def dated(found: Fields, stack: Sequence[Frame]) -> None:
    """A date that stands apart from its hour, around the record or in parts: the record's time is all of them."""
    best = found.best
    if stack and ("hour" in best or "clock" in best):
        dates = [field for field in stack[-1].fields if field.role.what == "time"]
        date = min(dates, key=lambda field: field.role.rank, default=None)
        if date is not None and date.text and not CLOCK_IN.search(date.text):
            best["time"] = date
            best.setdefault("kind", _hourly(date.line))
            return
    parts = {part: _part(part, found, stack) for part in ("year", "month", "dayno")}
    year, month, day = parts.values()
    if year is None or month is None:
        return
    text = "-".join(f"{int(part.text or ''):02}" for part in (year, month, day) if part is not None)
    if (minute := found.text("minute")) and (hour := found.text("hour")):
        text = f"{text} {hour}:{minute:0>2}"
    best["time"] = Field(Role("time", "parts", 50), year.name, text, year.line)
    if day is not None and day is not best.get("dayno") and "hour" in best:
        best.setdefault("kind", _hourly(day.line))


def _hourly(line: int) -> Field:
    """Not a record of the day whose element stands around it."""
    return Field(Role("kind", fold("dataType")), "dataType", "Hour", line)


def _part(what: str, found: Fields, stack: Sequence[Frame]) -> Field | None:
    """Year, month or day of this record, or of the nearest element around it that names one."""
    around = (field for outer in reversed(stack) for field in outer.fields if field.role.what == what)
    part = found.best.get(what) or next(around, None)
    return part if part is not None and (part.text or "").strip().isdecimal() else None


_WHEN = frozenset(
    ("info", "when", "stamp", "moment", "key")
)  # elements that hold a record's time and little else


def lend_time(frame: Frame, found: Fields, parent: Frame, vocabulary: Vocabulary) -> None:
    """An element of its own around the time of a record: <stamp><date/><time/></stamp>."""
    if found.entries or frame.carry or not (found.stamp or "clock" in found.best):
        return
    if fold(frame.tag) in _WHEN or vocabulary.role(frame.tag).what in ("time", "clock", "start", "maybetime"):
        held = [
            field for field in found.best.values() if field.role.what in ("time", "clock", "hour", "start")
        ]
        parent.fields += held[: KEPT - len(parent.fields)]


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


def kind_around(frame: Frame, found: Fields, stack: Sequence[Frame]) -> tuple[Kind | None, bool, bool]:
    """(kind, guessed, unsupported) as the record says it, else the nearest element around it."""
    for outer in (frame, *reversed(stack)):
        known = kind_of(outer, found if outer is frame else sort_fields(outer.fields))
        if known[0] or known[2]:
            return known
    return None, False, False


def kind_of(frame: Frame, found: Fields) -> tuple[Kind | None, bool, bool]:
    known = found.kind()
    if known[0] or known[2]:
        return known
    return kind_of_name(frame.tag), False, False


def is_legend(entry: Entry, collector: Collector) -> bool:
    """A unit under the name of its parameter, somewhere beside the records; the collector then knows it."""
    if not entry.key or not entry.text or not is_unit(entry.text):
        return False
    collector.unit(entry.key, clean(entry.text), entry.line)
    return True


def tell_lost(frame: Frame, collector: Collector) -> None:
    """Values that belong to no record: one line of the report stands for all of them."""
    first = next((entry for entry in frame.carry if entry.key and entry.text), None)
    if first is not None:
        series = frame.series[0][0] if frame.series else None
        collector.issue(first.line, series, first.name, first.text or "", "missing_time")
    frame.carry = []
