"""Values without elements of their own: lists under names that stand once above them, and series of one parameter."""

from __future__ import annotations

from readings.lers.collect import Collector
from readings.lers.fields import Entry, Field, Fields, sort_fields, true_marks
from readings.lers.frames import Frame
from readings.lers.vocabulary import Role, Vocabulary, fold

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
    named = next((c for f in (frame, *reversed(stack)) if (c := sort_fields(f.fields).text("columns"))), None)
    columns, cells = split_list(named or ""), split_list(held.text)
    if named is None or len(columns) != len(cells):
        if found.stamp and named is not None:
            collector.issue(held.line, None, held.name, held.text, "bad_field_count")
        frame.unknown = True
        return False
    for column, cell in zip(columns, cells, strict=True):
        role = vocabulary.role(column)
        if role.what == "parameter_value":
            found.entries.append(Entry(role.key, column, cell, (), held.line))
        elif role.what == "time" and found.stamp is None:
            found.best["time"] = Field(role, column, cell, held.line)
        else:
            collector.ignore(column)
    return True


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
            frame.carry.append(Entry(key, word, content, true_marks(found, collector), frame.line))
            return True
    return False
