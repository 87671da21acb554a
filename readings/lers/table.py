"""The supplier adapter's CSV, and any other table with a header in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readings.lers.collect import Collector
from readings.lers.fields import (
    CLOCK_IN,
    Entry,
    Field,
    Fields,
    Identity,
    hour_of_range,
    sort_fields,
    take_record,
    time_of,
)
from readings.lers.frames import dated
from readings.lers.headings import (
    LONGEST_LINE,
    RULER,
    Heading,
    cells_of,
    column_role,
    heading_of,
    legend,
    roles_of,
    titled,
    unit_cells,
)
from readings.lers.model import Kind, LersRefused, PointFound, Series
from readings.lers.vocabulary import Role, Vocabulary, is_heat

_KHVADM = {"measurepointid", "datadate", "datasource", "isday"}
_SUMS = re.compile(
    r"(итог|всего|сумма|средн|мин\b|макс\b|миним|максим|total|sum\b|average|mean\b|min\b|max\b)",
    re.IGNORECASE,
)
_INTEGRATORS = re.compile(r"интегратор|нарастающ", re.IGNORECASE)
_CLOCKS = ("clock", "hour")
_DAYS = ("time", "start", "year", "month", "dayno")


class CsvFile:
    """Rows under a known header. `feed` text in any cut, then `finish`."""

    def __init__(self, collector: Collector, vocabulary: Vocabulary, heading: Heading) -> None:
        self.collector = collector
        self.vocabulary = vocabulary
        self.mark = heading.mark
        self.line = 0
        self._skip = heading.lines
        self._rest = ""
        self._tries = 200
        self._above: list[str] = []  # lines of text since the last row
        self._before = (collector.summary.records, collector.summary.issues_total)  # of other files in a zip
        for family, unit in legend(heading.titles).items():
            collector.unit(family, unit, heading.lines)
        self._begin(heading.names, heading.titles, heading.lines)

    def _begin(self, names: list[str], titles: list[str], line: int) -> None:
        """The columns of a table: the file's, or another one's further down."""
        self.names = names
        named = roles_of(names, self.vocabulary)
        roles = [column_role(role, name) for name, (role, _) in zip(names, named, strict=True)]
        if is_heat({role.key for role in roles if role.what == "parameter_value"}):
            roles = [role._replace(key="Q_delta") if role.key == "Q" else role for role in roles]
        if any(role.what == "time" for role in roles):
            roles = [Role("") if role.what == "maybetime" else role for role in roles]
        self.roles = [role._replace(what="time") if role.what == "maybetime" else role for role in roles]
        for role, (_, unit) in zip(self.roles, named, strict=True):
            if role.what == "parameter_value" and unit:
                self.collector.unit(role.key, unit[:40], line)
        self._titled = titled(titles)
        self._totals: Kind | None = "totals" if any(_INTEGRATORS.search(title) for title in titles) else None
        self._days, self._clocks = self._places(_DAYS), self._places(_CLOCKS)
        self._values = self._places(("parameter_value",))
        self._times = [*self._days, *self._clocks]
        self._long = any(role.what == "parameter" for role in roles) and not self._values
        self._last: list[str] | None = None  # the row whose date holds for the ones below it
        self.khvadm = {name.casefold() for name in names} >= _KHVADM
        self._series: dict[tuple[object, ...], Series] = {}
        for name, role in zip(names, self.roles, strict=True):
            if name and role.what == "":
                self.collector.ignore(name)

    def _places(self, whats: tuple[str, ...]) -> list[int]:
        return [at for at, role in enumerate(self.roles) if role.what in whats]

    def feed(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > LONGEST_LINE:
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
            if self.line <= self._skip or not line.strip("\r \ufeff"):
                continue
            if len(line) > LONGEST_LINE or "\0" in line:
                raise LersRefused("limit", self.line)
            if line[0] in "#+-|├└┌─=_ \t" and (line[0] == "#" or RULER.fullmatch(line)):
                continue  # a comment, or a drawn line
            cells = cells_of(line, self.mark)
            if not cells:
                self.collector.issue(self.line, None, "", line, "bad_field_count")
            elif not self._is_beside(cells, line):
                self._row(cells)

    # -- lines that are no record ------------------------------------------------------------------------
    def _is_beside(self, cells: list[str], line: str) -> bool:
        """A line without a time that is no record: empty, units under the header, a sum or a word under the rows."""
        if any(cells[at : at + 1] and cells[at].strip()[:1].isdigit() for at in self._times):
            return self._day_alone(cells)
        stripped = [" ".join(cell.split()) for cell in cells]
        if stripped == self.names:  # once more, as at the head of each page
            return True
        filled = [(role, cell) for role, cell in zip(self.roles, stripped, strict=False) if cell]
        if filled and _SUMS.match(filled[0][1]):
            self.collector.ignore(filled[0][1])
            return True
        if unit_cells(text for _, text in filled):
            for role, unit in filled:
                if role.what == "parameter_value":
                    self.collector.unit(role.key, unit.strip("()[] ")[:40], self.line)
            return True
        return self._another_header(line) or self._words(stripped, line)

    def _day_alone(self, cells: list[str]) -> bool:
        """A date over the hours of its day, in a row of its own."""
        if not (self._clocks and self._days):
            return False
        filled = {at for at, cell in enumerate(cells) if cell.strip()}
        if not filled or not filled <= set(self._days):
            return False
        self._last = [*cells, *[""] * (len(self.names) - len(cells))]
        return True

    def _another_header(self, line: str) -> bool:
        """A second table below the first, as the counters below the days."""
        if self._tries == 0 or self.mark not in line:
            return False
        self._tries -= 1  # a file of nothing but words must not cost a guess a line
        heading = heading_of(line, self.vocabulary)
        if heading is None or heading.mark != self.mark:
            return False
        self._begin(heading.names, self._above, self.line)
        self._above = []
        return True

    def _words(self, cells: list[str], line: str) -> bool:
        """A remark, a signature: no value stands under a parameter."""
        values = [cells[at] for at in self._values if at < len(cells)]
        if any(cell[:1].isdigit() or cell[1:2].isdigit() for cell in values) or self._long:
            return False
        first = next((cell for cell in cells if cell), "")
        if sum(map(bool, cells)) > 2 or not any(letter.isalpha() for letter in first):
            return False
        self._above = [*self._above[-9:], line]
        self.collector.ignore(first)
        return True

    # -- records -----------------------------------------------------------------------------------------
    def _row(self, cells: list[str]) -> None:
        extra = len(cells) - len(self.names)
        if extra < 0 or any(cell.strip() for cell in cells[len(self.names) :]):
            shown = self.mark.join(cells)
            self.collector.issue(self.line, None, "", shown, "bad_field_count")
            return
        if self._clocks and self._days:
            self._carry_day(cells)
        found = sort_fields(list(self._fields(cells)))
        if self._long and not self._named_value(found):
            return
        hour_of_range(found, ends=self.collector.ends(None))
        if found.stamp is None and "year" in found.best:
            dated(found, ())
        identity = found.identity(weak=False)
        kind, guessed, unsupported = found.kind()
        if unsupported:
            self.collector.issue(self.line, None, "", found.text("kind") or "", "unsupported_kind")
            return
        held = found.stamp or found.best.get("start")
        if held is None or not (held.text or "").strip():
            self.collector.issue(self.line, None, "", self.mark.join(cells), "missing_time")
            return
        kind = kind or self._totals
        key = (identity, kind)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self.collector.series(kind, guessed)
            self._name(series, identity)
        if self.khvadm:
            self._placeholder(found.entries, series)
        take_record(found, series, self.collector, self.vocabulary, self.line)

    def _carry_day(self, cells: list[str]) -> None:
        """A date that is written only in the first of its hours; past midnight it is no longer known."""
        for at in self._days:
            if cells[at].strip():
                self._last = cells
                return
        clock = self._hour(cells)
        if self._last is not None and clock > self._hour(self._last):
            for at in self._days:
                cells[at] = self._last[at]
            self._last = cells
        elif clock >= 0:
            self._last = None

    def _hour(self, cells: list[str]) -> int:
        """The hour that a row's time of day begins with, -1 where none stands."""
        clock = next((text for at in self._clocks if (text := cells[at].strip())), "")
        return int(found[0]) if (found := re.match(r"\d{1,2}", clock)) else -1

    def _named_value(self, found: Fields) -> bool:
        """A row with one value, whose parameter stands in a column of its own; False for one nobody knows."""
        name, value = found.text("parameter") or "", found.best.get("value")
        key = self.vocabulary.parameter(name) if name else None
        if key is None or value is None:
            if name.isdecimal():
                self.collector.issue(self.line, None, "", name, "numeric_parameter")
            else:
                self.collector.ignore(name)
            return False
        key = "Q_delta" if key == "Q" else key
        if unit := found.text("unit") or self.vocabulary.role(name).unit:
            self.collector.unit(key, unit[:40], self.line)
        found.entries.append(Entry(key, name, value.text, (), self.line))
        return True

    def _fields(self, cells: list[str]) -> Iterator[Field]:
        for name, role, cell in zip(self.names, self.roles, cells, strict=False):
            if role.key == "range" and CLOCK_IN.search(cell) is None:
                continue  # "60" or "hour" is no time of day
            if role.what in ("month", "dayno"):
                yield time_of(Field(role, name, cell, self.line))
            elif role.what not in ("", "known", "secret"):
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
