"""One record's fields, wherever they stood: attributes, children, value lists or CSV cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from readings.lers.amounts import read_amount
from readings.lers.collect import Collector
from readings.lers.model import NO_MARKS, Kind, Marks, Series
from readings.lers.stamps import looks_dated, parse_clock, parse_time
from readings.lers.values import NUMBER, BadValue, clean, parse_flags, parse_mask, parse_truth
from readings.lers.vocabulary import Role, Vocabulary, fold, is_heat, kind_of_value, system_of

PLAIN_NUMBER = re.compile(NUMBER, re.ASCII)
_STRONG_KINDS = {fold(name) for name in ("dataType", "archiveType", "archiveKind", "dataKind", "recordType")}
_DATED = re.compile(r"\d{4}|\d\.\d{1,2}\.")
_ISO_DATE = re.compile(r"\d{4}-")
CLOCK_IN = re.compile(r"\d:\d")
NAMING = Role("parameter", "", 50)  # whatever is called a parameter by its own name goes before
_POINT_NUMBER = re.compile(r"(?:№|N|No\.?)?\s*\d{1,9}", re.ASCII)
_RANGE = re.compile(
    r"(?P<day>(?:.*[ T])?)(?P<begin>\d{1,2}(?::00)?)(?::00)?\s*(?:-|–|—|до|to)\s*"
    r"(?P<end>\d{1,2}(?::00)?)(?::00)?", re.ASCII
)  # fmt: skip


class Field(NamedTuple):
    """A named text with its line; `text` is None for xsi:nil."""

    role: Role
    name: str
    text: str | None
    line: int


class Entry(NamedTuple):
    """One value of a record: parameter, name as written, text, marks, line."""

    key: str
    name: str
    text: str | None
    marks: tuple[str, ...]
    line: int


class Identity(NamedTuple):
    """Who the records belong to, as far as one element says it."""

    point: str | None = None
    serial: str | None = None
    model: str | None = None
    system: str | None = None
    title: str | None = None


@dataclass(slots=True)
class Fields:
    """The fields of one element, sorted by what they mean."""

    best: dict[str, Field] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    masks: list[Field] = field(default_factory=list)
    truths: list[Field] = field(default_factory=list)
    events: dict[str, str] = field(default_factory=dict)

    def text(self, what: str) -> str | None:
        found = self.best.get(what)
        return clean(found.text) or None if found and found.text else None

    @property
    def stamp(self) -> Field | None:
        """The record's time; a field called "time" holds a whole stamp in some files, a time of day in others."""
        clock = self.best.get("clock")
        if clock is not None and "time" not in self.best and _DATED.search(clock.text or ""):
            return clock
        return self.best.get("time")

    def kind(self) -> tuple[Kind | None, bool, bool]:
        """(kind, guessed, unsupported) from a field, not from a tag."""
        if (text := self.text("isday")) is not None:
            return ("day" if text in ("1", "true", "True") else "hour"), False, False
        text = self.text("kind")
        if not text:
            return None, False, False
        strong = self.best["kind"].role.key in _STRONG_KINDS
        if text.isdecimal() and not strong:
            return None, False, False  # a bare number under "type" may mean anything
        kind, guessed, unsupported = kind_of_value(text)
        return kind, guessed, unsupported and strong

    def unknown_kind(self) -> str:
        """What stands where the kind is named for sure, but names none that is known."""
        field = self.best.get("kind")
        if field is None or field.role.key not in _STRONG_KINDS or any((self.kind()[0], self.kind()[2])):
            return ""
        return self.text("kind") or ""

    def identity(self, *, weak: bool) -> Identity:
        """`weak`: the element is a point, so that a bare number or id is the point's."""
        number = self.text("point") or (self.text("weakpoint") if weak else None)
        called = self.text("pointtext") or ""
        if number is None and _POINT_NUMBER.fullmatch(called):
            number, called = called, ""
        system = self.text("system")
        return Identity(
            number[:40] if number and number != "0" else None,
            (self.text("serial") or "")[:60] or None,
            (self.text("model") or "")[:60] or None,
            system_of(system) if system else None,
            (self.text("title") or called)[:200] or None,
        )


def sort_fields(fields: list[Field]) -> Fields:
    found = Fields()
    best = found.best
    for item in fields:
        what = item.role.what
        if what == "parameter_value":
            found.entries.append(Entry(item.role.key, item.name, item.text, (), item.line))
        elif what == "mask":
            found.masks.append(item)
        elif what == "is":
            found.truths.append(item)
        elif what == "event":
            found.events.setdefault(item.role.key, clean(item.text or ""))
        else:
            held = best.get(what)
            if held is None or item.role.rank < held.role.rank:
                best[what] = item
    return found


def time_of(field: Field) -> Field:
    """A field whose name may mean a time, as one where a time stands in it."""
    if field.text and ("." in field.text or len(field.text.strip()) > 5) and looks_dated(field.text):
        return field._replace(role=Role("time", field.role.key, field.role.rank or 90))
    return field


def heat_not_power(found: Fields, around: Iterable[Fields]) -> None:
    """What heat meters call Q is the heat taken, unless the record or what stands around it is electric."""
    system = next((text for fields in (found, *around) if (text := fields.text("system"))), "")
    if system_of(system) != "Electricity" and is_heat({entry.key for entry in found.entries}):
        found.entries = [e._replace(key="Q_delta") if e.key == "Q" else e for e in found.entries]


def hour_of_range(found: Fields, *, ends: bool) -> bool:
    """An hour written from when till when, "15.01.2026 00:00-01:00": of the two, what this profile stamps."""
    changed = False
    for what in ("time", "clock", "hour"):
        held = found.best.get(what)
        written = _RANGE.fullmatch(clean(held.text or "")) if held else None
        if held is None or written is None or (written["day"] and ":" not in written["begin"]):
            continue
        begin, end = (int(written[name].partition(":")[0]) for name in ("begin", "end"))
        if begin > 23 or end > 24 or (end - begin) % 24 != 1:
            continue
        found.best[what] = held._replace(text=f"{written['day']}{begin + 1 if ends else begin:02}:00")
        kind = Field(Role("kind", fold("dataType")), "dataType", "Hour", held.line)
        found.best.setdefault("kind", kind)
        changed = True
    return changed


class Taken(NamedTuple):
    """A record that was read without a single issue; the fast path may repeat its shape."""

    series: Series
    texts: dict[str, str]
    flags: int
    marks: Marks
    offset: int | None


def read_stamp(
    found: Fields, collector: Collector, series: Series | None
) -> tuple[datetime, int | None] | None:
    """The record's stamp, joined from date and time of day where they stand apart; None after an issue."""
    held = found.stamp or found.best.get("start") or found.best.get("clock")
    if held is None or not held.text:
        if held is not None:
            collector.issue(held.line, series, held.name, "", "missing_time")
        return None
    text, midnight = held.text, collector.ends(series)
    try:
        stamp, offset = parse_time(text, midnight=midnight, order=collector.dates)
        if not CLOCK_IN.search(text):
            extra = found.text("clock") or found.text("hour")
            if extra and held.role.what != "clock":
                text = f"{text} {extra}"
                stamp += parse_clock(extra, midnight=midnight)
        if offset is None or offset != -3600 * (stamp.hour + 1) or _ISO_DATE.match(text):
            return stamp, offset
        code = "bad_time"  # no offset: 15.01.2026 02:00-03:00
    except BadValue as bad:
        code = bad.code
    if hour_of_range(found, ends=midnight):
        return read_stamp(found, collector, series)
    if code == "end_of_day":
        collector.summary.ends.add((series.kind if series is not None else None) or "hour")
    collector.issue(held.line, series, held.name, text, code)
    return None


def take_record(
    found: Fields, series: Series, collector: Collector, vocabulary: Vocabulary, line: int
) -> Taken | None:
    """Check every value and hand the record on. None if there was an issue (the record may still be kept)."""
    before = collector.summary.issues_total
    when = read_stamp(found, collector, series)
    if when is None:
        series.rejected += 1
        return None
    begins = found.stamp is None and "start" in found.best and collector.shifts(series.kind)
    if begins:  # its name says so, whatever the profile says of stamps without such a name
        when = collector.end_of(series.kind, when[0]), when[1]
    texts, marked = _values(found, collector, series)
    if not texts and collector.summary.issues_total != before:
        series.rejected += 1  # an empty row would stand for a gap
        return None
    marks = _marks(found, marked, collector, series, vocabulary)
    flags = 0
    held = found.best.get("flags")
    if held and held.text:
        try:
            flags = parse_flags(held.text, series.kind)
        except BadValue as bad:
            collector.issue(held.line, series, held.name, held.text, bad.code)
    collector.add(series, when[0], when[1], texts, flags, marks, line)
    if collector.summary.issues_total != before or series.kind is None or begins:
        return None
    return Taken(series, texts, flags, marks, when[1])


def _values(
    found: Fields, collector: Collector, series: Series
) -> tuple[dict[str, str], dict[str, set[str]]]:
    texts: dict[str, str] = {}
    marked: dict[str, set[str]] = {}
    clash: set[str] = set()
    decimal = collector.profile.decimal
    for entry in found.entries:
        text = entry.text
        if text is None or not (text := clean(text)):
            continue
        marks = entry.marks
        if PLAIN_NUMBER.fullmatch(text) is None or decimal != "any":
            try:
                amount = read_amount(text, decimal)
            except BadValue as bad:
                collector.issue(entry.line, series, entry.name, text, bad.code)
                continue
            if amount.text is None:
                continue
            number, marks = amount.text, (*marks, *amount.marks)
            if amount.decimal:
                collector.summary.decimal = amount.decimal
            if amount.unit:
                collector.unit(entry.key, amount.unit, entry.line)
        else:
            number = text.replace(",", ".")
        if entry.key in texts and texts[entry.key] != number:
            collector.issue(entry.line, series, entry.name, text, "duplicate_field")
            clash.add(entry.key)
            continue
        texts[entry.key] = number
        for mark in marks:
            marked.setdefault(mark, set()).add(entry.key)
    for key in clash:  # two different values: neither is believed
        texts.pop(key, None)
    return texts, marked


def _marks(
    found: Fields, marked: dict[str, set[str]], collector: Collector, series: Series, vocabulary: Vocabulary
) -> Marks:
    for mask in found.masks:
        try:
            names = parse_mask(mask.text or "", vocabulary)
        except BadValue as bad:
            collector.issue(mask.line, series, mask.name, mask.text or "", bad.code)
            continue
        if names:
            marked.setdefault(mask.role.key, set()).update(names)
    if not marked:
        return NO_MARKS
    return Marks(
        *(frozenset(marked.get(name, ())) for name in ("bad", "calculated", "interpolated", "reset"))
    )


def true_marks(found: Fields, collector: Collector) -> tuple[str, ...]:
    """Which of isBad, isCalc, isInterpolated, isReset are set on one value."""
    marks = []
    for item in found.truths:
        try:
            if parse_truth(item.text or ""):
                marks.append(item.role.key)
        except BadValue as bad:
            collector.issue(item.line, None, item.name, item.text or "", bad.code)
    return tuple(marks)
