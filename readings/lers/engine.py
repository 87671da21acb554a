"""The XML target: one state machine for elements, attributes, value lists and any nesting of them.

An element becomes, at its end, one of: a *field* of its parent (text only), a *value* of a list, a *record*
(a time and at least one known parameter), a *device error*, or a *container*, which lends its point, meter
and kind to the series inside it. Identity travels upwards at the end of each container, so fields may follow
the records they describe.
"""

from __future__ import annotations

from readings.lers.collect import Collector
from readings.lers.fields import (
    NAMING,
    Entry,
    Field,
    Fields,
    Taken,
    heat_not_power,
    read_stamp,
    sort_fields,
    take_record,
    time_of,
    true_marks,
)
from readings.lers.frames import (
    KEPT,
    Frame,
    dated,
    fill,
    fill_from_headers,
    is_legend,
    kind_around,
    kind_of,
    lend,
    lend_time,
    root_check,
    tell_lost,
)
from readings.lers.lists import ROW, columns_named, take_cells, take_list, take_single
from readings.lers.model import DeviceErrorRow, LersRefused, PointFound, Series
from readings.lers.values import BadValue, clean, parse_number
from readings.lers.vocabulary import Vocabulary, fold, point_like

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_PERHAPS = frozenset(("maybetime", "month", "dayno"))  # names under which a whole date stands in some files
_XINCLUDE = "{http://www.w3.org/2001/XInclude}"


class Engine:
    """Give it to lxml as a parser target. `taken` is the record that ended last, if it was free of issues."""

    def __init__(self, collector: Collector, vocabulary: Vocabulary) -> None:
        self.collector = collector
        self.vocabulary = vocabulary
        self.limits = collector.limits
        self.stack: list[Frame] = []
        self.line = 1
        self.loose = 0  # elements since the last record
        self.ended: tuple[Frame, Frame] | None = None  # (record, parent) that ended last
        self.taken: Taken | None = None
        self.words = self.poller = 0
        self.by_attributes = self.by_elements = self.by_list = 0
        self.error: str | None = None
        self.fault = self.columns = False  # `columns`: some element has named those of a list
        self.unknown_kinds: set[str] = set()

    # -- parser events -----------------------------------------------------------------------------------
    def doctype(self, *_: object) -> None:
        raise LersRefused("doctype", self.line)

    def comment(self, text: str) -> None:
        self.line += text.count("\n")

    def pi(self, _target: str, data: str | None = None) -> None:
        self.line += (data or "").count("\n")

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        limits = self.limits
        stack = self.stack
        self.loose += 1
        if (
            len(stack) >= limits.depth
            or len(attrib) > limits.attributes
            or self.loose > limits.elements_between
            or len(tag) > limits.name + 256
        ):
            raise LersRefused("limit", self.line)
        frame = Frame(tag, self.line)
        if stack:
            stack[-1].children = True
        else:
            root_check(tag, attrib, self.line)
        if tag.startswith(_XINCLUDE):
            raise LersRefused("xinclude", self.line)
        role = self.vocabulary.role
        for name, value in attrib.items():
            if len(value) > limits.text or len(name) > limits.name + 256:
                raise LersRefused("limit", self.line)
            if name.startswith(_XSI):
                if name.endswith("}nil"):
                    frame.nil = value.strip() in ("true", "1")
                continue
            self._note(frame, Field(role(name), name.rpartition("}")[2], value, self.line))
        stack.append(frame)

    def data(self, text: str) -> None:
        self.line += text.count("\n")
        frame = self.stack[-1]
        frame.size += len(text)
        if frame.size > self.limits.text:
            if text.isspace():  # a long indentation is no value
                frame.size = 0
                return
            raise LersRefused("limit", self.line)
        frame.text.append(text)

    def end(self, tag: str) -> None:
        frame = self.stack.pop()
        self.ended = None
        text = "".join(frame.text)
        if not self.stack:
            self._container(frame, sort_fields(frame.fields), None)
            return
        parent = self.stack[-1]
        parent.size = 0
        if frame.children or frame.fields:
            self._element(frame, text, parent)
        else:
            if text and self._columns(frame, text, parent):
                return
            role, name = self.vocabulary.role(tag), tag.rpartition("}")[2]
            field = Field(role, name, None if frame.nil else text, frame.line)
            if role.what == "" and self.columns and self._under_columns():
                frame.fields.append(field._replace(role=ROW))
                self._element(frame, "", parent)
            elif role.what == "parameter_value" and frame.unknown and not text.strip():
                parent.unknown = True  # its number stands under a name that nobody knows: that is no gap
            else:
                self._note(parent, field)

    def close(self) -> None:
        """lxml asks for a result; there is none."""

    # -- fields ------------------------------------------------------------------------------------------
    def _note(self, frame: Frame, field: Field) -> None:
        what = field.role.what
        if self.vocabulary.names_parameter(field.role, field.text):
            frame.fields.append(field._replace(role=NAMING))
        elif what == "":
            if field.text and not field.text.isspace():
                self.collector.ignore(field.name)
                frame.unknown = True
        elif what == "secret":
            self.poller += 1  # a password is not even kept in memory
        elif what == "poller":
            self.poller += 1
        elif what == "errorcode":
            if field.text and fold(field.text) not in ("none", "0", "ok", "success", ""):
                self.error = self.error or clean(field.text)[:60]
        elif what == "pressure":
            self.collector.summary.units.setdefault("pressureType", clean(field.text or "")[:40])
        elif what == "unitof":
            if field.text and not field.text.isspace():
                self.collector.unit(field.role.key, clean(field.text)[:40], field.line)
        elif what != "known":
            if len(frame.fields) >= KEPT:
                raise LersRefused("limit", self.line)
            if what in _PERHAPS or field.role.key == "T_delta":  # dt is both
                field = time_of(field)
                if field.role.what == "maybetime":
                    return
            self.columns = self.columns or what == "columns"
            if field.role.unit:
                self.collector.unit(field.role.key, field.role.unit, field.line)
            if what == "point" or (what == "parameter_value" and len(field.role.key) > 1):
                self.words += 1
            frame.fields.append(field)

    def _under_columns(self) -> bool:
        return any(field.role.what == "columns" for outer in self.stack for field in outer.fields)

    # -- elements with something inside ------------------------------------------------------------------
    def _element(self, frame: Frame, text: str, parent: Frame) -> None:
        found = sort_fields(frame.fields)
        if not frame.records and (
            self._columns(frame, text, parent) or self._value(frame, found, text, parent)
        ):
            return
        if "values" in found.best and not found.entries:
            self._by_list(take_list(frame, found, self.stack, self.collector, self.vocabulary))
        elif "value" in found.best and found.stamp and not (found.entries or frame.carry or frame.records):
            self._by_list(take_cells(frame, found, self.stack, self.collector, self.vocabulary))
        if found.entries and not found.stamp:
            dated(found, self.stack)
        timed = found.stamp or found.best.get("start") or found.best.get("clock")
        record = self._device_error, self._record
        if not frame.records and timed and any(read(frame, found, parent) for read in record):
            return
        self._container(frame, found, parent)

    def _columns(self, frame: Frame, text: str, parent: Frame) -> bool:
        if named := columns_named(frame, text, parent, self.vocabulary):
            self._note(parent, named)
        return bool(named)

    def _by_list(self, taken: bool) -> bool:
        self.words += taken
        self.by_list += taken
        return taken

    def _value(self, frame: Frame, found: Fields, text: str, parent: Frame) -> bool:
        """A value of a list, or a parameter element that carries marks beside its text."""
        role = self.vocabulary.role(frame.tag)
        value = found.best.get("value")
        named = found.best.get("parameter") or found.best.get("parameterid")
        if named and named.role is NAMING and role.what == "parameter_value":
            named = None  # the element itself is called by its parameter
        titled = found.best.get("title")
        if named is None and titled and titled.text and self.vocabulary.parameter(titled.text):
            named = titled
        elif named is None and titled and titled.text and value and role.what != "parameter_value":
            self.collector.ignore(titled.text)
        if named is None and role.what == "parameter_value" and not found.entries:
            named = Field(role, frame.tag.rpartition("}")[2], None, frame.line)
        elif named is None and found.stamp and not found.entries and role.what in ("value", "values", ""):
            taken = take_single(frame, found, text, parent, self.collector, self.vocabulary)
            return self._by_list(taken) and self._record(frame, found, parent)
        elif named is None or found.entries or found.stamp:
            return self._flat(frame, found, parent) if named and found.stamp and value else False
        content = value.text if value else (None if frame.nil else text)
        if value is None and not frame.children and frame.nil is False and not clean(text):
            if role.what != "parameter_value" and named.role.what != "parameter":
                return False
            content = None
        if value is None and frame.children:
            if role.what != "parameter_value":
                return False
            content = text.strip() or "?"  # elements inside a number: shown and refused
            content += "…"
        line = value.line if value else frame.line
        self._push(parent, found, named, content, line)
        return True

    def _push(self, parent: Frame, found: Fields, named: Field, content: str | None, line: int) -> None:
        name = named.name if named.text is None else clean(named.text)
        key = named.role.key if named.text is None else self.vocabulary.parameter(name)
        if key is None:
            if name.isdecimal():
                self.collector.issue(line, None, named.name, name, "numeric_parameter")
            else:
                self.collector.ignore(name)
            key = ""
        elif unit := found.text("unit") or self.vocabulary.role(name).unit:
            self.collector.unit(key, unit[:40], line)
        self.words += 1
        self.by_list += 1
        if len(parent.carry) >= KEPT:
            tell_lost(parent, self.collector)
        parent.carry.append(Entry(key, name, content, true_marks(found, self.collector), line))

    def _flat(self, frame: Frame, found: Fields, parent: Frame) -> bool:
        """Time, parameter and value in one row: a record with a single value."""
        named = found.best.get("parameter") or found.best.get("parameterid")
        value = found.best.get("value")
        if named is None or value is None:
            return False
        self._push(frame, found, named, value.text, value.line)
        return self._record(frame, found, parent)

    def _record(self, frame: Frame, found: Fields, parent: Frame) -> bool:
        if not (found.entries or frame.carry):
            if found.stamp is None:
                return False
            empty = found.text("flags") or found.text("isempty")
            if not empty and "record" not in fold(frame.tag):
                return False
            if frame.unknown:  # no gap: there is something, only nobody knows what
                self.collector.issue(frame.line, None, frame.tag.rpartition("}")[2], "", "no_known_value")
                self.loose = 0
                return True
        if frame.carry:
            found.entries += [entry for entry in frame.carry if entry.key]
        if any(entry.key == "Q" for entry in found.entries):
            heat_not_power(found, (sort_fields(outer.fields) for outer in reversed(self.stack)))
        self.loose = 0
        parent.records += 1
        parent.header_used = True
        series = self._series(frame, found, parent)
        if series is None:
            return True
        if not frame.carry:
            self.by_elements += frame.children
            self.by_attributes += not frame.children
        self.taken = take_record(found, series, self.collector, self.vocabulary, frame.line)
        self.ended = (frame, parent)
        return True

    def _device_error(self, frame: Frame, found: Fields, parent: Frame) -> bool:
        events = found.events
        if found.entries or frame.carry or "code" not in events or len(events) < 2:
            return False
        self.loose = 0
        parent.records += 1
        when = read_stamp(found, self.collector, None)
        if when is None:
            return True
        archive = found.text("kind")
        found.best.pop("kind", None)
        series = self._series(frame, found, parent, device=True)
        if series is None:
            return True
        duration: float | None = None
        try:
            duration = float(parse_number(events["duration"])) if events.get("duration") else None
        except BadValue as bad:
            self.collector.issue(frame.line, series, "Duration", events["duration"], bad.code)
        self.collector.add_device_error(
            DeviceErrorRow(
                series, when[0], when[1], archive, events.get("channel") or None, events["code"] or None,
                events.get("description") or None, duration, frame.line,
            )
        )  # fmt: skip
        return True

    # -- series and identity -----------------------------------------------------------------------------
    def _series(self, frame: Frame, found: Fields, parent: Frame, device: bool = False) -> Series | None:
        own = found.identity(weak=False)
        explicit = found.best.get("kind") or found.best.get("isday")
        key = (frame.tag, explicit.text if explicit else None, own, parent.header, device)
        if key in parent.cache:
            return parent.cache[key]
        if len(parent.cache) > 5_000:
            raise LersRefused("too_many_series", frame.line)
        kind, guessed, unsupported = kind_around(frame, found, self.stack)
        self._tell_unknown_kind(frame, found)
        series: Series | None = None
        if unsupported:
            name = found.text("kind") or ""
            self.collector.issue(frame.line, None, frame.tag.rpartition("}")[2], name, "unsupported_kind")
        else:
            series = self.collector.series(kind or ("current" if device else None), guessed)
            fill(series, own)
            hint = next((f.header for f in reversed(self.stack) if f.header), None)
            parent.series.append((series, hint))
        parent.cache[key] = series
        return series

    def _tell_unknown_kind(self, frame: Frame, found: Fields) -> None:
        """The step decides then, and may take weeks for days: whoever sends the file has to know."""
        text = found.unknown_kind()
        if text and text not in self.unknown_kinds:
            self.unknown_kinds.add(text)
            self.collector.issue(frame.line, None, frame.tag.rpartition("}")[2], text, "unknown_kind")

    def _container(self, frame: Frame, found: Fields, parent: Frame | None) -> None:
        tag = frame.tag
        if fold(tag) == "fault":
            self.fault = True
        is_point = point_like(tag)
        self.words += is_point
        identity = found.identity(weak=is_point)
        kind, guessed, _ = kind_of(frame, found)
        if frame.series:
            self._tell_unknown_kind(frame, found)
            for series, _hint in frame.series:
                for each in (series, self.collector.twins.get(series.index)):
                    if each is not None:
                        fill(each, identity)
                if kind and series.kind is None:
                    self.collector.known_kind(series, kind, guessed)
        if parent is None:
            self._finish_root(frame)
        else:
            parent.series += frame.series
            parent.records += frame.records
            if not frame.records:
                lend(frame, found, identity, parent)
                if len(self.stack) > 1:
                    lend_time(frame, found, parent, self.vocabulary)
        self._loose_values(frame, found, parent)
        if identity.point and (is_point or found.text("point") or found.text("pointtext")):
            address = (found.text("address") or "")[:300] or None
            self.collector.point(PointFound(*identity, address))

    def _loose_values(self, frame: Frame, found: Fields, parent: Frame | None) -> None:
        """Values without a time of their own: of the record around them, or lost."""
        loose = [entry for entry in frame.carry + found.entries if not is_legend(entry, self.collector)]
        frame.carry = loose
        if not loose:
            return
        if frame.records or parent is None or len(parent.carry) + len(loose) > KEPT:
            frame.carry = loose
            tell_lost(frame, self.collector)
        else:
            parent.carry += loose

    def _finish_root(self, frame: Frame) -> None:
        if fill_from_headers(frame, self.collector.twins):
            self.collector.issue(frame.line, None, "", "", "ambiguous_point")
