"""The document helper: what is written can be read back, in three scripts, page after page, the same bytes each time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.pdf import SMALLEST, WIDTH, Document

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


def test_a_table_breaks_no_number_in_two() -> None:
    head = [
        "Услуга",
        "Сальдо на начало",
        "Начислено",
        "Доначислено",
        "Возврат",
        "Оплата",
        "Сальдо на конец",
        "К оплате",
    ]
    for amount, least in (("0,00", 8.5), ("−48\xa0462,28", 8.0), ("−59\xa0802\xa0453,52", SMALLEST)):
        row = ["Основные услуги", *[amount] * 7]
        document = Document("ru", "Счёт")
        found, widths = document._fitted([head, row], [row], [1.5, *[1.1] * 7])
        assert round(sum(widths), 6) == WIDTH
        assert least <= found <= 8.5, amount
        document._pdf.set_font("sans", "B", found)
        assert min(widths[1:]) > document._pdf.get_string_width(amount), amount
        document.table(head, [row], foot=row, numbers=range(1, 8))
        assert document.bytes().startswith(b"%PDF-")
