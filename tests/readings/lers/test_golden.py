"""Whole files against whole answers; and the shared samples, where they lie beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readings.lers import LersRefused, ListSink, read_archive

pytestmark = pytest.mark.pure

GOLDEN = Path(__file__).parents[2] / "golden" / "lers"
SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "lers"


def answer(path: Path, *, fast: bool = True) -> dict[str, Any]:
    """Everything the reader says about a file, as plain JSON."""
    sink = ListSink()
    try:
        summary = read_archive(path, sink=sink, fast=fast)
    except LersRefused as refusal:
        points = refusal.data.get("points", ())
        return {"refused": refusal.code, "line": refusal.line, "points": [list(p) for p in points]}  # type: ignore[attr-defined]
    return {
        "dialect": summary.dialect,
        "encoding": summary.encoding,
        "points": [list(point) for point in summary.points],
        "rows": [
            [
                row.line, row.point, row.serial, row.model, row.system, row.kind, row.series.guessed,
                row.start.isoformat(), row.offset, dict(zip(row.names, row.texts, strict=True)), row.flags,
                [sorted(mark) for mark in row.marks],
            ]
            for row in sink.records
        ],
        "device_errors": [[e.series.kind, e.start.isoformat(), *e[3:]] for e in sink.errors],
        "issues": [[i.line, i.point, i.field, i.value, i.code] for i in summary.issues],
        "ignored": summary.ignored,
    }  # fmt: skip


@pytest.mark.parametrize(
    "path", sorted(p for p in GOLDEN.iterdir() if p.suffix != ".json"), ids=lambda p: p.name
)
@pytest.mark.parametrize("fast", [True, False])
def test_golden(path: Path, fast: bool) -> None:
    wanted = json.loads(path.with_name(path.name + ".json").read_text())
    assert answer(path, fast=fast) == wanted


COUNTS = {
    "fact-api-hour.xml": {(None, "hour"): 24},
    "fact-api-day-gaps.xml": {(None, "day"): 11},
    "fact-api-totals.xml": {(None, "totals"): 5},
    "fact-khvadm-202601010000-202601160000.csv": {("101", "day"): 3, ("101", "hour"): 3},
    "recon-a-day-comma-cp1251.xml": {("101", "day"): 31},
    "recon-a-day-gaps.xml": {("101", "day"): 27, ("101", "hour"): 20},
    "recon-a-hour-flags.xml": {("101", "hour"): 24},
    "recon-a-hour.xml": {("101", "hour"): 24},
    "recon-b-attributes.xml": {("101", "hour"): 24, ("101", "day"): 31},
    "recon-a-multipoint.xml.gz": {
        ("101", "hour"): 24, ("101", "day"): 31, ("101", "totals"): 1, ("101", "month"): 1,
        ("102", "day"): 31, ("103", "day"): 31,
    },
    "bad-duplicates.xml": {("101", "day"): 8},
}  # fmt: skip
REFUSED = {
    "bad-80020-electricity.xml": "electricity_80020",
    "bad-doctype-entity.xml": "doctype",
    "bad-truncated.xml": "broken_xml",
    "fact-universalreader-settings.xml": "settings_file",
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not beside this checkout")
class TestSamples:
    @pytest.mark.parametrize("name", COUNTS)
    def test_good_ones_are_read_fully(self, name: str) -> None:
        found = answer(SAMPLES / name)
        counts: dict[tuple[str | None, str], int] = {}
        for row in found["rows"]:
            counts[row[1], row[5]] = counts.get((row[1], row[5]), 0) + 1
        assert counts == COUNTS[name]
        assert (found["issues"], found["ignored"]) == ([], {})

    @pytest.mark.parametrize("name", REFUSED)
    def test_bad_ones_are_refused(self, name: str) -> None:
        assert answer(SAMPLES / name)["refused"] == REFUSED[name]

    @pytest.mark.parametrize("name", [n for n in COUNTS if n.endswith(".xml")])
    def test_every_number_of_the_file_is_there(self, name: str) -> None:
        """Counted by another reader: each text of a known name, in file order."""
        from lxml import etree

        from readings.lers import DEFAULT_PROFILE
        from readings.lers.vocabulary import Vocabulary

        vocabulary = Vocabulary(DEFAULT_PROFILE)
        wanted = []
        for element in etree.parse(SAMPLES / name).iter("*"):
            pairs = [(element.tag, element.text), *element.attrib.items()]
            wanted += [
                (role.key, text.strip().replace(",", "."))
                for tag, text in pairs
                if text and text.strip() and (role := vocabulary.role(str(tag))).what == "parameter_value"
            ]
        got = [pair for row in answer(SAMPLES / name)["rows"] for pair in row[9].items()]
        assert got == wanted

    def test_duplicates_are_visible(self) -> None:
        sink = ListSink()
        (series,) = read_archive(SAMPLES / "bad-duplicates.xml", sink=sink).series
        assert not series.in_order

    def test_device_errors(self) -> None:
        assert [row[0] for row in answer(SAMPLES / "fact-api-device-errors.xml")["device_errors"]] == [
            "day", "hour", "hour",
        ]  # fmt: skip
