"""The supplier adapter's CSV, and any other CSV with a header in the same words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from readings.lers.collect import Collector
from readings.lers.fields import Entry, Field, Identity, sort_fields, take_record
from readings.lers.model import LersRefused, PointFound, Series
from readings.lers.vocabulary import Role, Vocabulary, fold

_LONGEST_LINE = 65_536
_NUMBER_COLUMNS = {fold(name) for name in ("MeasurePointID", "number", "номер", "pointId")}
_KHVADM = {"measurepointid", "datadate", "datasource", "isday"}


_TITLES = 20  # lines with a title, a meter, a period, before the header
_UNIT = re.compile(r"(.+?)\s*(?:,\s*|[(\[])\s*([^()\[\],]+?)\s*[)\]]?")


def header_of(text: str, vocabulary: Vocabulary) -> tuple[str, list[str], int] | None:
    """(delimiter, column names, lines before) if one of the first lines is the header of an archive."""
    for before, line in enumerate(text.lstrip("\ufeff").split("\n", _TITLES + 1)[:_TITLES]):
        line = line.strip("\r")
        if len(line) > _LONGEST_LINE or "<" in line:
            return None
        for mark in (";", "\t", ","):
            names = [name.strip().strip('"').strip() for name in line.split(mark)]
            roles = [vocabulary.role(with_unit(name, vocabulary)[0]).what for name in names if name]
            if roles.count("parameter_value") and ("time" in roles or "clock" in roles):
                return mark, names, before
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
        self, collector: Collector, vocabulary: Vocabulary, mark: str, names: list[str], before: int = 0
    ) -> None:
        self.collector = collector
        self.vocabulary = vocabulary
        self.mark = mark
        self.names = names
        self.roles = [self._role(with_unit(name, vocabulary)[0]) for name in names]
        if {"T_in", "M_in", "V_in"} & {
            role.key for role in self.roles
        }:  # beside these, Q is no reactive power
            self.roles = [Role(r.what, "Q_delta") if r.key == "Q" else r for r in self.roles]
        for name, role in zip(names, self.roles, strict=True):
            if role.what == "parameter_value" and (unit := with_unit(name, vocabulary)[1]):
                collector.unit(role.key, unit[:40], before + 1)
        self._titles = before
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
            try:
                cells = next(csv.reader(iter([line.rstrip("\r")]), delimiter=self.mark))
            except csv.Error:  # a lone carriage return inside, for one
                self.collector.issue(self.line, None, "", line, "bad_field_count")
                continue
            self._row(cells)

    def _row(self, cells: list[str]) -> None:
        extra = len(cells) - len(self.names)
        if extra < 0 or any(cell.strip() for cell in cells[len(self.names) :]):
            shown = self.mark.join(cells)
            self.collector.issue(self.line, None, "", shown, "bad_field_count")
            return
        found = sort_fields(list(self._fields(cells)))
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
            if role.what not in ("", "known", "secret"):
                yield Field(role, name, cell, self.line)

    def _name(self, series: Series, identity: Identity) -> None:
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
