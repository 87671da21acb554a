"""Reading a text or bytes as an archive, both by the fast path and by the parser alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from readings.lers import (
    DEFAULT_LIMITS,
    DEFAULT_PROFILE,
    ArchiveRow,
    DeviceErrorRow,
    FileSummary,
    LersRefused,
    Limits,
    ListSink,
    Profile,
    read_archive,
)


class Got(NamedTuple):
    summary: FileSummary
    rows: list[ArchiveRow]
    errors: list[DeviceErrorRow]

    @property
    def codes(self) -> list[str]:
        return [issue.code for issue in self.summary.issues]

    @property
    def found(self) -> list[tuple[Any, ...]]:
        """(point, kind, start, values) of each record."""
        return [(row.point, row.kind, row.start.isoformat(" "), row.values) for row in self.rows]


def plain(got: Got) -> list[Any]:
    return [
        [(r.point, r.serial, r.system, r.kind, *r[1:]) for r in got.rows],
        [(e.series.point, *e[1:]) for e in got.errors],
        [(i.line, i.point, i.field, i.value, i.code) for i in got.summary.issues],
        [(s.point, s.kind, s.records, s.first, s.last, s.in_order) for s in got.summary.series],
        got.summary.ignored,
        (got.summary.records, got.summary.values, got.summary.device_errors),
    ]


Read = Callable[..., Got]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(text_or_bytes, profile=…, limits=…)`; fails if the two ways differ."""

    def reader(
        content: str | bytes,
        *,
        profile: Profile = DEFAULT_PROFILE,
        limits: Limits = DEFAULT_LIMITS,
        name: str = "archive.xml",
    ) -> Got:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        answers = []
        for fast in (True, False):
            sink = ListSink()
            summary = read_archive(path, sink=sink, profile=profile, limits=limits, fast=fast)
            answers.append(Got(summary, sink.records, sink.errors))
        assert plain(answers[0]) == plain(answers[1])
        return answers[0]

    return reader


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., LersRefused]:
    """The refusal that a content meets; fails if it is read."""

    def reader(
        content: str | bytes, *, limits: Limits = DEFAULT_LIMITS, name: str = "archive.xml"
    ) -> LersRefused:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(LersRefused) as caught:
            read_archive(path, sink=ListSink(), limits=limits)
        return caught.value

    return reader
