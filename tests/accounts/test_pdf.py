"""The document helper: what is written can be read back, in three scripts, page after page, the same bytes each time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.pdf import Document

pytestmark = pytest.mark.pure
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SVG = (
    '<svg viewBox="0 0 200 50"><g class="u-heating"><rect class="seg-bar u-heating" width="90" height="40"/></g>'
    '<text x="0" y="20">кВт·ч</text></svg>'
)


def sheet(rows: int) -> bytes:
    document = Document("ru", "Квитанция № 20261122-7", subtitle="Тепло · Чита", foot="Квитанция 20261122-7")
    document.paragraph("Файл <b>accepted</b> & \x07 принят.", strong=True)
    document.facts([("Точка учёта", "101 · ул. Ленина, 1"), ("Пусто", "")])
    document.heading("Œuvre et façade")
    document.drawing(SVG, width=80)
    document.table(
        ["День", "Гкал"], [[str(n), "1\u202f234,5"] for n in range(rows)], numbers=[1], foot=["Итого", "9"]
    )
    return document.bytes()


@time_machine.travel(NOW, tick=False)
def test_a_long_document_reads_back_and_is_the_same_twice() -> None:
    made = sheet(90)
    assert made.startswith(b"%PDF-")
    assert made == sheet(90)
    assert made.count(b"/Type /Page\n") >= 2
    assert b"/Lang (ru)" in made
