"""Values without elements of their own: lists under names that stand once above them, and series of one parameter."""

from __future__ import annotations

from collections.abc import Sequence

from readings.lers.collect import Collector
from readings.lers.fields import PLAIN_NUMBER, Entry, Field, Fields, sort_fields, true_marks
from readings.lers.frames import Frame
from readings.lers.values import clean
from readings.lers.vocabulary import Role, Vocabulary, fold

COLUMN = Role("column")  # one of the names, where each stands in an element of its own
_NO_COLUMN = frozenset(("parameter_value", "value", "values", "time", "start", "clock"))
ROW = Role("values")  # of a text right under the names of its columns, whatever its element is called


def split_list(text: str) -> list[str]:
    """The cells of a list in one text, by the first of these marks that stands in it: ; | tab, a blank, a comma."""
    text = text.strip(" \r\n")
    for mark in (";", "|", "\t"):
        if mark in text:
            return [cell.strip() for cell in text.removesuffix(mark).split(mark)]
    if " " in text or "\n" in text:
        return text.split()
    return text.split(",")


def take_list(
    frame: Frame, found: Fields, stack: list[Frame], collector: Collector, vocabulary: Vocabulary
) -> bool:
    """Values in one text, whose parameters are named here or once above; they become entries of `found`."""
    held = found.best["values"]
    if not held.text or held.text.isspace():
        return False
    return _take(frame, found, split_list(held.text), held, stack, collector, vocabulary)


def take_cells(
    frame: Frame, found: Fields, stack: list[Frame], collector: Collector, vocabulary: Vocabulary
) -> bool:
    """The same where each value stands in an element that names none: <v>98.45</v><v>55.34</v>."""
    cells = [field for field in frame.fields if field.role.what == "value"]
    if not cells or "parameter" in found.best or "parameterid" in found.best:
        return False
    if len(cells) == 1 and _columns_over(frame, stack) is None:
        return False
    return _take(frame, found, [cell.text for cell in cells], cells[0], stack, collector, vocabulary)


def _columns_over(frame: Frame, stack: list[Frame]) -> str | None:
    return next((c for f in (frame, *reversed(stack)) if (c := sort_fields(f.fields).text("columns"))), None)


def _take(
    frame: Frame, found: Fields, cells: Sequence[str | None], held: Field, stack: list[Frame],
    collector: Collector, vocabulary: Vocabulary,
) -> bool:  # fmt: skip
    named = _columns_over(frame, stack)
    columns = split_list(named or "")
    if named is None or len(columns) != len(cells):
        if found.stamp and named is not None:
            collector.issue(held.line, None, held.name, held.text or "", "bad_field_count")
        frame.unknown = True
        return False
    for column, cell in zip(columns, cells, strict=True):
        role = vocabulary.role(column)
        if role.what == "parameter_value":
            found.entries.append(Entry(role.key, column, cell, (), held.line))
            if role.unit:
                collector.unit(role.key, role.unit, held.line)
        elif role.what == "time" and found.stamp is None:
            found.best["time"] = Field(role, column, cell, held.line)
        else:
            collector.ignore(column)
    return True


def columns_named(frame: Frame, text: str, parent: Frame, vocabulary: Vocabulary) -> Field | None:
    """Names of columns, each in an element of its own: `parent` is their list, or `frame` is; the field of `parent`."""
    role = vocabulary.role(frame.tag)
    if vocabulary.role(parent.tag).what == "columns":
        word = _column_name(role, frame, text)
        return Field(COLUMN, "", word, frame.line) if word else None
    names = [field.text or "" for field in frame.fields if field.role is COLUMN]
    return Field(role, frame.tag.rpartition("}")[2], ";".join(names), frame.line) if names else None


def _column_name(role: Role, frame: Frame, text: str) -> str:
    """What an element inside a list of columns names; empty for one that holds a value."""
    if frame.children or role.what in _NO_COLUMN:
        return ""
    if word := clean(text):
        return "" if PLAIN_NUMBER.fullmatch(word) else word
    found = sort_fields(frame.fields)
    if "value" in found.best:
        return ""
    name = found.text("parameter") or found.text("title") or found.text("parameterid") or ""
    unit = found.text("unit")
    return f"{name} ({unit})" if name and unit else name


def take_single(
    frame: Frame, found: Fields, text: str, parent: Frame, collector: Collector, vocabulary: Vocabulary
) -> bool:
    """A time and a number inside an element that names the parameter: a record with a single value."""
    value = found.best.get("value")
    content = value.text if value else text
    if not content or frame.children:
        return False
    around = sort_fields(parent.fields)
    for word in (around.text("parameter"), around.text("title"), fold(parent.tag)):
        if word and (key := vocabulary.parameter(word)):
            if unit := around.text("unit"):
                collector.unit(key, unit[:40], frame.line)
            frame.carry.append(Entry(key, word, content, true_marks(found, collector), frame.line))
            return True
    return False
