"""The supplier adapter's CSV, and any other CSV with a header in the same words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from readings.lers.collect import Collector
from readings.lers.fields import CLOCK_IN, Entry, Field, Identity, hour_of_range, sort_fields, take_record
from readings.lers.model import LersRefused, PointFound, Series
from readings.lers.vocabulary import Role, Vocabulary, fold, is_heat

_LONGEST_LINE = 65_536
_NUMBER_COLUMNS = {fold(name) for name in ("MeasurePointID", "number", "номер", "№", "nomer", "pointId")}
_RANGE_COLUMNS = {fold(name) for name in ("Интервал", "Интервал времени", "Interval")}
_KHVADM = {"measurepointid", "datadate", "datasource", "isday"}


_TITLES = 20  # lines with a title, a meter, a period, before the header
_SUMS = re.compile(r"(итог|всего|сумма|средн|total|sum\b|average|mean\b)", re.IGNORECASE)
_UNIT_WORD = re.compile(
    r"°\s?[CС]|[гмк]кал|[гм]дж|[мк]?вт[·*⋅\s-]?ч|gcal|gj|[mk]wh|т|t|кг|kg|м[3³]|m[3³]|л|l|ч|час|мин|h|%|м|"
    r"кгс/см[2²]|kgf/cm2|ати?|[мк]?па|бар|bar|[mk]pa|дд\.мм\.гггг|чч:мм", re.IGNORECASE
)  # fmt: skip
_UNIT = re.compile(r"(.+?)\s*(?:,\s*|[(\[])\s*([^()\[\],]+?)\s*[)\]]?")


# Above the table: "Точка учёта: 101", "Номер точки;101", "ВКТ-7, заводской № 12345"
_TITLE_POINT = re.compile(
    r"(?:точк[аи]\s+уч[её]та|(?<!\w)ту|номер\s+точки|measure\s*point|point\s+number)"
    r"(?:\s*[:;=\t,]+\s*|\s*(?:№|номер|number)[\s.:;=\t,]*|\s+)0*(\d{1,9})\s*(?=[;,\t)]|\s-|$)", re.IGNORECASE
)  # fmt: skip
_TITLE_SERIAL = re.compile(
    r"(?:зав(?:одской|\.)?|серийный|прибора?)[ .]*(?:№|номер)(?:\s+прибора)?[\s.:;=\t,№\"]*([\w\-/]*\d[\w\-/]*)"
    r"|(?:serial\s*(?:number|no\.?)|s/n)[\s.:;=\t,\"]*([\w\-/]*\d[\w\-/]*)", re.IGNORECASE
)  # fmt: skip


def titled(lines: list[str]) -> Identity:
    """The point and the meter that the lines above a table name; of two different ones neither."""
    lines = [line[:1000].strip() for line in lines]
    points = {found[1] for line in lines if (found := _TITLE_POINT.search(line))}
    serials = {found[1] or found[2] for line in lines for found in _TITLE_SERIAL.finditer(line)}
    return Identity(points.pop() if len(points) == 1 else None, serials.pop() if len(serials) == 1 else None)


def header_of(text: str, vocabulary: Vocabulary) -> tuple[str, list[str], list[str]] | None:
    """(delimiter, column names, lines before) if one of the first lines is the header of an archive."""
    lines = text.lstrip("\ufeff").split("\n", _TITLES + 1)[:_TITLES]
    for before, line in enumerate(lines):
        line = line.strip("\r")
        if len(line) > _LONGEST_LINE or "<" in line:
            return None
        for mark in (";", "\t", ","):
            names = [name.strip() for name in _cells(line, mark) or ()]
            roles = [vocabulary.role(with_unit(name, vocabulary)[0]).what for name in names if name]
            if roles.count("parameter_value") and ("time" in roles or "clock" in roles):
                return mark, names, [line.strip("\r") for line in lines[:before]]
    return None


def _cells(line: str, mark: str) -> list[str] | None:
    """The fields of one line; None for one that is no line of a table."""
    try:
        return next(csv.reader(iter([line.rstrip("\r")]), delimiter=mark), None)
    except csv.Error:  # a lone carriage return inside, for one
        return None


def with_unit(name: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """A column's name and the unit that stands behind it: "Q, Гкал" or "P1 (МПа)"."""
    found = _UNIT.fullmatch(name) if vocabulary.role(name).what == "" else None
    if found is None or vocabulary.role(found[1]).what == "":
        return name, ""
    return found[1], found[2]


class CsvFile:
    """Rows under a known header. `feed` text in any cut, then `finish`."""

    def __init__(
        self, collector: Collector, vocabulary: Vocabulary, mark: str, names: list[str], titles: list[str]
    ) -> None:
        self.collector = collector
        self.vocabulary = vocabulary
        self.mark = mark
        self.names = names
        self.roles = [self._role(with_unit(name, vocabulary)[0]) for name in names]
        if is_heat({role.key for role in self.roles if role.what == "parameter_value"}):
            self.roles = [r._replace(key="Q_delta") if r.key == "Q" else r for r in self.roles]
        for name, role in zip(names, self.roles, strict=True):
            if role.what == "parameter_value" and (unit := with_unit(name, vocabulary)[1]):
                collector.unit(role.key, unit[:40], len(titles) + 1)
        self._titles = len(titles)
        self._titled = titled(titles)
        self._times = [at for at, role in enumerate(self.roles) if role.what in ("time", "clock", "start")]
        self.khvadm = {name.casefold() for name in names} >= _KHVADM
        self.line = 0
        self._rest = ""
        self._headed = False
        self._series: dict[tuple[object, ...], Series] = {}
        self._before = (collector.summary.records, collector.summary.issues_total)  # of other files in a zip
        for name, role in zip(names, self.roles, strict=True):
            if name and role.what == "":
                collector.ignore(name)

    def _role(self, name: str) -> Role:
        role = self.vocabulary.role(name)
        if fold(name) in _RANGE_COLUMNS:
            return Role("hour", "range", 50)
        if role.what == "weakpoint" and role.key in _NUMBER_COLUMNS:
            return Role("point", role.key, role.rank)  # a row has one number: the adapter's id is the Number
        return role

    def feed(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > _LONGEST_LINE:
            raise LersRefused("limit", self.line + 1)
        self._rows(lines)

    def finish(self) -> None:
        self._rows([self._rest])
        summary = self.collector.summary
        if (summary.records, summary.issues_total) == self._before:
            raise LersRefused("no_records")
        dialect = self.collector.summary.dialect
        self.collector.summary.dialect = "csv" if dialect in ("", "csv") else "mixed"

    def _rows(self, lines: list[str]) -> None:
        for line in lines:
            self.line += 1
            if self.line <= self._titles:
                continue
            if not line.strip("\r \ufeff"):
                continue
            if not self._headed:
                self._headed = True
                continue
            if len(line) > _LONGEST_LINE or "\0" in line:
                raise LersRefused("limit", self.line)
            cells = _cells(line, self.mark)
            if cells is None:
                self.collector.issue(self.line, None, "", line, "bad_field_count")
            elif not self._is_beside(cells):
                self._row(cells)

    def _is_beside(self, cells: list[str]) -> bool:
        """A line without a time that is no record: empty, units under the header, or a sum under the rows."""
        if [cell.strip() for cell in cells] == self.names:  # once more, as at the head of each page
            return True
        if any(cells[at : at + 1] and cells[at].strip()[:1].isdigit() for at in self._times):
            return False
        filled = [(r, cell.strip()) for r, cell in zip(self.roles, cells, strict=False) if cell.strip()]
        if filled and _SUMS.match(filled[0][1]):
            self.collector.ignore(filled[0][1])
            return True
        if any(_UNIT_WORD.fullmatch(text) is None for _, text in filled):
            return False
        for role, unit in filled:
            if role.what == "parameter_value":
                self.collector.unit(role.key, unit[:40], self.line)
        return True

    def _row(self, cells: list[str]) -> None:
        extra = len(cells) - len(self.names)
        if extra < 0 or any(cell.strip() for cell in cells[len(self.names) :]):
            shown = self.mark.join(cells)
            self.collector.issue(self.line, None, "", shown, "bad_field_count")
            return
        found = sort_fields(list(self._fields(cells)))
        hour_of_range(found, ends=self.collector.ends(None))
        identity = found.identity(weak=False)
        kind, guessed, unsupported = found.kind()
        if unsupported:
            self.collector.issue(self.line, None, "", found.text("kind") or "", "unsupported_kind")
            return
        if found.stamp is None or not found.stamp.text:
            clock = found.best.get("clock")
            if clock is None or not clock.text:
                self.collector.issue(self.line, None, "", self.mark.join(cells), "missing_time")
                return
        key = (identity, kind)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self.collector.series(kind, guessed)
            self._name(series, identity)
        if self.khvadm:
            self._placeholder(found.entries, series)
        take_record(found, series, self.collector, self.vocabulary, self.line)

    def _fields(self, cells: list[str]) -> Iterator[Field]:
        for name, role, cell in zip(self.names, self.roles, cells, strict=False):
            if role.key == "range" and CLOCK_IN.search(cell) is None:
                continue  # "60" or "hour" is no time of day
            if role.what not in ("", "known", "secret"):
                yield Field(role, name, cell, self.line)

    def _name(self, series: Series, identity: Identity) -> None:
        identity = Identity(
            identity.point or self._titled.point, identity.serial or self._titled.serial, *identity[2:]
        )
        series.point, series.serial, series.model, series.system, series.title = identity
        if identity.point:
            self.collector.point(PointFound(*identity))

    def _placeholder(self, entries: list[Entry], series: Series) -> None:
        """This adapter writes 0 for a missing supply temperature: not a measurement."""
        for entry in list(entries):
            if entry.key == "T_in" and (entry.text or "").strip().strip("0").strip(",.") == "":
                if (entry.text or "").strip():
                    self.collector.issue(entry.line, series, entry.name, entry.text or "", "placeholder_zero")
                entries.remove(entry)
