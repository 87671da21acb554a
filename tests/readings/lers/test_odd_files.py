"""Odd files that somebody may well send: what a person would read in them is what is read."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any

import pytest

from readings.lers import Profile
from tests.readings.archive_kit import SAMPLES

pytestmark = pytest.mark.pure
TWO = [("101", "hour", "2026-01-15 00:00:00", {"T_in": "98.45", "Q_delta": "0.481081"}),
       ("101", "hour", "2026-01-15 01:00:00", {"T_in": "97.73", "Q_delta": "0.5"})]  # fmt: skip
RECORDS = [f'<r dateTime="2026-01-15T0{n}:00:00" T_in="{t}" Q_delta="{q}"/>'
           for n, (t, q) in enumerate((("98.45", "0.481081"), ("97.73", "0.5")))]  # fmt: skip
BOTH = "".join(RECORDS)
HEADER = "Номер;Дата;Время;T1;Q, Гкал\n"
LINES = "101;15.01.2026;00:00;98,45;0,481081\n101;15.01.2026;01:00;97,73;0,5\n"
SHEET = HEADER + LINES


def file(records: str = BOTH, point: str = 'number="101"') -> str:
    return f"<data><measurePoint {point}><hourConsumption>{records}</hourConsumption></measurePoint></data>"


def packed(*members: tuple[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def soap(*numbers: str) -> str:
    answers = "".join(
        '<GetMeasurePointConsumptionResponse xmlns="http://www.lers.ru/website/api"><Result><MeasurePoint><Id>7</Id>'
        f"<Number>{number}</Number></MeasurePoint><ErrorCode>None</ErrorCode><Data>"
        + "".join(
            f"<MeasurePointConsumptionRecord><ResourceKind>Water</ResourceKind><DateTime>{start.replace(' ', 'T')}"
            f"</DateTime><T_in>{values['T_in']}</T_in><T_cw i:nil='true'/><Q_delta>{values['Q_delta']}</Q_delta>"
            "</MeasurePointConsumptionRecord>"
            for _, _, start, values in TWO
        )
        + "</Data></Result></GetMeasurePointConsumptionResponse>"
        for number in numbers
    )
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/'
        f'XMLSchema-instance"><s:Body>{answers}</s:Body></s:Envelope>'
    )


def of(point: str | None) -> list[Any]:
    return [(point, *row[1:]) for row in TWO]


titled = file(point='number="101" title="Дом № 7, «Мир»"')
settings = (SAMPLES / "fact-universalreader-settings.xml").read_bytes()
# heat meters write Q for the heat that was taken; a Q beside electric values is reactive power
only_heat = [(*row[:3], {"Q_delta": row[3]["Q_delta"]}) for row in TWO]
only_temperature = [(*row[:3], {"T_in": row[3]["T_in"]}) for row in TWO]
power = [(*row[:3], {"P": "4", "Q": row[3]["Q_delta"]}) for row in TWO]

READ: dict[str, tuple[str | bytes, list[Any]]] = {
    "one Q of heat": (file(BOTH.replace("Q_delta", "Q").replace("T_in", "Т1")), TWO),
    "a Q without company": (file("".join(r.replace("Q_delta", "Q").replace('T_in="98.45" ', "").replace(
        'T_in="97.73" ', "") for r in RECORDS)), only_heat),
    "a Q in a list of values": (file("".join(
        f"<r><dateTime>{s.replace(' ', 'T')}</dateTime><v><DataParameter>T1</DataParameter><Value>{v['T_in']}</Value></v>"
        f"<v><DataParameter>Q</DataParameter><Value>{v['Q_delta']}</Value></v></r>" for _, _, s, v in TWO)), TWO),
    "a Q of electricity": (file(BOTH.replace("Q_delta", "Q").replace('T_in="98.45"', 'P="4"').replace(
        'T_in="97.73"', 'P="4"')), power),
    "a Q in an electric system": (file("".join(r.replace("Q_delta", "Q").replace("T_in", "H") for r in RECORDS),
        'number="101" systemType="32"'), [(*r[:3], {"H": r[3]["T_in"], "Q": r[3]["Q_delta"]}) for r in TWO]),
    "names in many shapes": (file(BOTH).replace("T_in", "t-IN").replace("Q_delta", "ΔQ").replace("dateTime", "DATE_TIME")
        .replace("measurePoint", "точкаУчета").replace("number", "НОМЕР"), TWO),
    "a whole stamp under time": (file(BOTH.replace("dateTime", "time")), TWO),
    "two points by soap": (soap("101", "102"), TWO + of("102")),
    "two contracts": (
        "<x>" + file() + "<contract number='02'>" + file(point="number='102'") + "</contract></x>", TWO + of("102")),
    "rows under the names of their columns": (
        "<x><point number='101'><hour columns='dateTime;T_in;Q_delta'><row>15.01.2026 00:00;98,45;0,481081</row>"
        "<row>15.01.2026 01:00;97,73;0,5</row></hour></point></x>", TWO),
    "hours inside a day": ("<x><point number='101'><days><day date='15.01.2026'>" + "".join(
        f"<r hour='{n}'><T1>{v['T_in']}</T1><dQ v='{v['Q_delta']}'/></r>" for n, (_, _, _, v) in enumerate(TWO))
        + "</day></days></point></x>", TWO),
    "one element a parameter": (file("<T_in>" + "".join(f"<v time='{s}'>{v['T_in']}</v>" for _, _, s, v in TWO)
        + "</T_in>"), only_temperature),
    "windows-1251 that does not say so": (titled.encode("cp1251"), TWO),
    "windows-1251 under a bare declaration": (b'<?xml version="1.0"?>\r\n' + titled.encode("cp1251"), TWO),
    "utf-16, big end, with a mark": (b"\xfe\xff" + titled.encode("utf-16-be"), TWO),
    "lines that end as long ago": (file().replace("><", ">\r<"), TWO),
    "gzip in two parts": (gzip.compress(file()[:80].encode()) + gzip.compress(file()[80:].encode()), TWO),
    "a zip of gz": (packed(("1.xml.gz", gzip.compress(file(RECORDS[0]).encode())), ("2.xml", file(RECORDS[1]))), TWO),
    "a zip of folders": (packed(("Архив/", ""), ("Архив/январь.xml", file(RECORDS[0])), ("b\\2.XML", file(RECORDS[1])),
        method=zipfile.ZIP_STORED), TWO),
    "a zip with papers": (packed(("readme.txt", "Это архив".encode("cp866")), ("act.docx", packed(("word/a.xml", "<w/>"))),
        ("logo.png", b"\x89PNG\0"), ("report.xml", "<html/>"), ("log.txt", "2026-01-15; готово\n1;2"), ("a.xml", file()),
        ("empty.xml", ""), ("__MACOSX/._a.xml", b"\0\5")), TWO),
    "a zip with a file of electricity": (packed(("80020.xml", (SAMPLES / "bad-80020-electricity.xml").read_bytes()),
        ("a.xml", file())), TWO),
    "a sheet of an old Macintosh": (SHEET.replace("\n", "\r").encode("cp1251"), TWO),
    "a sheet all in quotes": ("\n".join(";".join(f'"{cell}"' for cell in line.split(";"))
        for line in SHEET.splitlines()), TWO),
    "a sheet with commas in its names": ('"Номер","Дата и время","T1, °C","Q, Гкал"\n101,15.01.2026 00:00,"98,45",'
        '"0,481081"\n101,15.01.2026 01:00,"97,73","0,5"\n', TWO),
    "a sheet that names its separator": ("sep=;\r\n" + SHEET.replace("\n", "\r\n"), TWO),
    "a sheet under titles": ("Отчёт о теплопотреблении\nПотребитель: ГСК «Мир»\n\n" + SHEET, TWO),
    "a sheet with units and sums": ("Номер;Дата;Время;T1;Q\n;;;°C;Гкал\n" + LINES + ";;;;\nИтого:;;;;0,981081\n"
        ";Среднее;;98,09;\n", TWO),
    "a sheet in utf-16": (SHEET.encode("utf-16"), TWO),
    "24:00 of a totals record": ('<x><point number="101"><totals><r dateTime="31.01.2026 24:00" Q_in="100.5"/></totals>'
        "</point></x>", [("101", "totals", "2026-02-01 00:00:00", {"Q_in": "100.5"})]),
}  # fmt: skip


def shown(got: Any) -> list[Any]:
    return [
        (row.point, row.kind, row.start.isoformat(" "), dict(zip(row.names, row.texts, strict=True)))
        for row in got.rows
    ]


@pytest.mark.parametrize("name", READ)
def test_read_as_a_person_would(name: str, read: Any) -> None:
    content, rows = READ[name]
    got = read(content)
    assert (shown(got), got.codes) == (rows, [])


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("ends", [False, True])
def test_24_o_clock_ends_a_day_where_stamps_are_ends(apart: bool, ends: bool, read: Any) -> None:
    """Under a profile of beginnings the same stamp would be the first hour of the next day: it is told instead."""
    stamps = ["15.01.2026 22:00", "15.01.2026 23:00", "15.01.2026 24:00"]
    records = [
        f'dateTime="{s}"' if not apart else 'date="{}" hour="{}"'.format(*s[:-3].split()) for s in stamps
    ]
    got = read(
        file("".join(f'<r {record} T_in="1"/>' for record in records)),
        profile=Profile(hour_stamp="end" if ends else "start"),
    )
    assert [row.start.hour for row in got.rows] == ([21, 22, 23] if ends else [22, 23])
    assert got.codes == ([] if ends else ["end_of_day"])


def test_values_under_unknown_names_are_no_gap(read: Any) -> None:
    got = read(file(RECORDS[0] + '<record dateTime="2026-01-15T01:00:00"><T_in reading="97.73"/></record>'))
    assert (shown(got), got.codes) == (TWO[:1], ["no_known_value"])


def test_passwords_do_not_come_along(refused: Any) -> None:
    beside = ("UniversalReader-Settings.xml", settings)
    assert refused(packed(beside, ("a.xml", file()))).code == "settings_beside"
    assert refused(packed(("a.xml", file()), beside)).code == "settings_beside"
    alone = refused(packed(beside, ("readme.txt", "x")))
    assert (alone.code, [point.number for point in alone.data["points"]]) == ("settings_file", ["101", "102"])
