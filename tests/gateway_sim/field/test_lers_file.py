"""The file of a poll, read by the portal's own reader: every figure arrives, nothing is guessed or ignored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway_sim.field.driver import models
from gateway_sim.field.errors import FieldError
from gateway_sim.field.lers_file import Point, archive_bytes, file_name, write_whole
from gateway_sim.field.model import Identity, Record
from readings.lers import FileSummary, ListSink, read_archive
from tests.gateway_sim.field.field_kit import NOW, POINT, day, run_poll

pytestmark = pytest.mark.pure
METER = Identity("multical601", "MULTICAL 601", "6512345")


def read(path: Path) -> tuple[FileSummary, ListSink]:
    sink = ListSink()
    return read_archive(path, sink=sink), sink


@pytest.mark.parametrize("model", sorted(models()))
def test_the_portal_reads_what_was_polled(model: str, tmp_path: Path) -> None:
    result, journal = run_poll(model, tmp_path, models()[model].kinds, day(10, 30), day(11, 1))
    assert result.path is not None, journal.text()
    summary, sink = read(result.path)
    assert (summary.issues_total, summary.ignored) == (0, {})
    (point,) = summary.points
    assert (point.number, point.serial, point.title, point.address) == (
        "101", result.identity and (result.identity.serial or None), POINT.title, POINT.address,
    )  # fmt: skip
    told = {
        (row.kind, row.start): {
            name: f"{float(text):.9g}" for name, text in zip(row.names, row.texts, strict=True)
        }
        for row in sink.records
    }
    kept = {
        (record.kind, record.at): {name: f"{float(value):.9g}" for name, value in record.values.items()}
        for record in result.records
    }
    assert told == kept and not any(row.series.guessed for row in sink.records)


def test_a_gap_and_a_doubt_are_said_in_the_file(tmp_path: Path) -> None:
    given, _journal = run_poll("multical601", tmp_path, ("day",), day(10, 30), day(11, 1))
    first, second = sorted(given.records, key=lambda record: record.at)
    doubtful = replace(first, bad=frozenset({"T_out"}))
    gap = Record("day", second.at, missing=True)
    path = tmp_path / "a.xml"
    write_whole(path, archive_bytes(POINT, METER, 72, [gap, doubtful, doubtful], created=NOW))
    _summary, sink = read(path)
    assert [(row.start, sorted(row.marks[0])) for row in sink.records if row.names] == [(first.at, ["T_out"])]
    assert b"MissingInDevice" in path.read_bytes()


@pytest.mark.parametrize("title", ["<Дом> & «сад»", "a\x00b\x0bc", "]]>", "Ж" * 300])
def test_no_name_breaks_the_file(title: str, tmp_path: Path) -> None:
    result, _journal = run_poll("multical601", tmp_path, ("day",), day(10, 30), day(11, 1))
    path = tmp_path / "odd.xml"
    point = Point("1/0 1", title, title)
    write_whole(path, archive_bytes(point, METER, 72, result.records, created=NOW))
    summary, sink = read(path)
    assert summary.points[0].number == "1/0 1" and len(sink.records) == 2
    assert "/" not in file_name(point, ["day"], day(10, 1), day(11, 1), created=NOW)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    result, journal = run_poll("multical601", blocked / "data", ("day",), day(10, 30), day(11, 1))
    assert isinstance(result.error, FieldError) and result.path is None
    assert "cannot be written" in journal.text()
