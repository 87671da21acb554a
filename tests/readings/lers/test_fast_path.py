"""The fast path gives what the parser alone gives, on shuffled, flagged and damaged files of every dialect."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest

from readings.lers import LersRefused, ListSink, read_archive
from readings.lers.runs import Runs
from testkit.lers_files import document, records, write_archive
from tests.readings.lers.conftest import Got, plain

pytestmark = pytest.mark.pure
DIALECTS = ["elements", "attributes", "values"]
SPOILS = (
    "", "<!-- x -->", "<!--", "-->", "<![CDATA[5]]>", "]]>", "&amp;", "&", "<", ">", "/>", '"', "'", "x", "\n", " ",
    "\u00a0", "ё", "\0", "<?p?>", "<T_in>5</T_in>", "</record>", "<record>", "1e5", "-", ",", "&#49;", "\r\n",
)  # fmt: skip


def _outcome(path: Path, fast: bool) -> object:
    sink = ListSink()
    try:
        summary = read_archive(path, sink=sink, fast=fast)
    except LersRefused as refusal:
        return refusal.code
    return plain(Got(summary, sink.records, sink.errors))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_damage_reads_the_same_both_ways(dialect: str, tmp_path: Path) -> None:
    rng = random.Random(7)
    text = "".join(document(records(count=12), dialect))
    path = tmp_path / "a.xml"
    for _ in range(150):
        spoiled = text
        for _ in range(rng.choice((1, 1, 2))):
            at = rng.randrange(len(text) // 3, len(text))
            spoiled = spoiled[:at] + rng.choice(SPOILS) + spoiled[at + rng.choice((0, 0, 1, 7)) :]
        path.write_text(spoiled, encoding="utf-8", newline="")
        assert _outcome(path, fast=True) == _outcome(path, fast=False), spoiled


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values_that_come_and_go(dialect: str, tmp_path: Path) -> None:
    import re

    rng = random.Random(3)
    unit = {
        "elements": r" *<([A-Z]\w*)>[^<]*</\1>\n",
        "attributes": r' [A-Z]\w*="[^"]*"',
        "values": r"<DataParameterValue>.*?</DataParameterValue>",
    }[dialect]
    text = "".join(document(records(count=120), dialect))
    path = tmp_path / "a.xml"
    path.write_text(re.sub(unit, lambda m: "" if rng.random() < 0.2 else m.group(), text))
    assert _outcome(path, fast=True) == _outcome(path, fast=False)


def test_nil_and_empty_elements_come_and_go(tmp_path: Path) -> None:
    import re

    rng = random.Random(5)
    text = "".join(document(records(count=150), "elements")).replace(
        "<lersData>", '<lersData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    )

    def spoil(found: re.Match[str]) -> str:
        if rng.random() > 0.15:
            return found.group()
        return rng.choice(
            (f'<{found[1]} xsi:nil="true" />', f"<{found[1]}/>", f"<{found[1]}></{found[1]}>", "")
        )

    path = tmp_path / "a.xml"
    path.write_text(re.sub(r"<([A-Z]\w*)>[^<]*</\1>", spoil, text))
    assert _outcome(path, fast=True) == _outcome(path, fast=False)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_fast_path_does_the_work(dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Runs] = []
    original = Runs.__init__

    def remember(self: Runs, *args: object) -> None:
        original(self, *args)  # type: ignore[arg-type]
        made.append(self)

    monkeypatch.setattr(Runs, "__init__", remember)
    path = tmp_path / "a.xml"
    rows = write_archive(path, megabytes=0.5, dialect=dialect, hours_a_point=400)
    sink = ListSink()
    summary = read_archive(path, sink=sink)
    assert summary.records == len(sink.records) == rows
    assert made[0].read >= rows * 0.95
    assert {(r.point, r.serial) for r in sink.records} == {(s.point, s.serial) for s in summary.series}
    assert sum(series.records for series in summary.series) == rows


def test_batches_are_bounded_and_progress_ends_at_the_size(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    rows = write_archive(path, megabytes=1.5, dialect="attributes")
    sizes: list[int] = []
    seen: list[tuple[int, int]] = []

    class Sink(ListSink):
        def rows(self, rows: list) -> None:  # type: ignore[override]
            sizes.append(len(rows))

    read_archive(path, sink=Sink(), progress=lambda done, total: seen.append((done, total)))
    assert sum(sizes) == rows
    assert max(sizes) <= 1000
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_packed_files_read_like_plain_ones(tmp_path: Path) -> None:
    text = "".join(document(records(points=2, count=30), "elements")).encode()
    plain_path = tmp_path / "a.xml"
    plain_path.write_bytes(text)
    wanted = _outcome(plain_path, fast=True)
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(text[:5000]) + gzip.compress(text[5000:]))
    assert _outcome(packed, fast=True) == wanted
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("папка/", "")
        archive.writestr("папка/дом.xml", text)
        archive.writestr("__MACOSX/._x", "x")
    packed.write_bytes(out.getvalue())
    assert _outcome(packed, fast=True) == wanted


def test_a_zip_of_several_files(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, start in (("a.xml", 1), ("b.xml", 2)):
            archive.writestr(name, "".join(document(records(seed=start, count=3), "attributes")))
        archive.writestr("readme.md", "hello")
    path = tmp_path / "a.zip"
    path.write_bytes(out.getvalue())
    sink = ListSink()
    summary = read_archive(path, sink=sink)
    assert summary.members == ["a.xml", "b.xml"]
    assert [series.member for series in summary.series] == ["a.xml", "b.xml"]
    assert (len(sink.records), summary.ignored) == (6, {"readme.md": 1})


def test_the_same_seed_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_archive(tmp_path / name, megabytes=0.05)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
