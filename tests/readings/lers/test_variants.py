"""Files that nobody has seen: the same two hours, written in every way one can think of."""

from __future__ import annotations

import pytest

from readings.lers import Profile

pytestmark = pytest.mark.pure

WANTED = [
    ("101", "hour", "2026-01-15 00:00:00", {"T_in": 98.45, "M_in": 5.148}),
    ("101", "hour", "2026-01-15 01:00:00", {"T_in": 97.73, "M_in": 5.1576}),
]
HOURS = (
    "<record><dateTime>2026-01-15T00:00:00</dateTime><T_in>98.45</T_in><M_in>5.148</M_in></record>"
    "<record><dateTime>2026-01-15T01:00:00</dateTime><T_in>97.73</T_in><M_in>5.1576</M_in></record>"
)
ATTRIBUTES = (
    '<r dateTime="2026-01-15T00:00:00" T_in="98.45" M_in="5.148"/>'
    '<r dateTime="2026-01-15T01:00:00" T_in="97.73" M_in="5.1576"/>'
)
VALUES = "".join(
    f"<MeasurePointConsumptionRecord><DateTime>2026-01-15T0{n}:00:00</DateTime><Values>"
    + "".join(
        f"<DataParameterValue><DataParameter>{name}</DataParameter><Value>{value}</Value><IsBad>false</IsBad>"
        "<IsCalc>false</IsCalc></DataParameterValue>"
        for name, value in pairs
    )
    + "</Values></MeasurePointConsumptionRecord>"
    for n, pairs in enumerate(((("T_in", 98.45), ("M_in", 5.148)), (("T_in", 97.73), ("M_in", 5.1576))))
)

VARIANTS = {
    "dialect_a": f"<lersData><measurePoint><syncNumber>101</syncNumber><intervals><interval><dataType>Hour</dataType>"
    f"{HOURS}</interval></intervals></measurePoint></lersData>",
    "dialect_b": f'<data><measurePoint number="101"><hourConsumption>{ATTRIBUTES}</hourConsumption></measurePoint></data>',
    "dialect_c": f"<MeasurePointImportData><MeasurePoint><ServiceNumber>101</ServiceNumber><HourConsumption>{VALUES}"
    "</HourConsumption></MeasurePoint></MeasurePointImportData>",
    "renamed_root": f'<whatever><MeteringPoint Number="101"><HourArchive>{HOURS}</HourArchive></MeteringPoint></whatever>',
    "point_after_records": f"<x><measurePoint><hours>{HOURS}</hours><syncNumber>101</syncNumber></measurePoint></x>",
    "kind_after_records": f"<x><measurePoint><syncNumber>101</syncNumber><interval>{HOURS}<dataType>Hour</dataType>"
    "</interval></measurePoint></x>",
    "point_beside": f'<x><measurePoint number="101"/><hourConsumption>{HOURS}</hourConsumption></x>',
    "point_in_info": f"<x><object><info><syncNumber>101</syncNumber></info><hour>{HOURS}</hour></object></x>",
    "node_is_not_point": f'<x><node number="7"><measurePoint number="101"><hours>{HOURS}</hours></measurePoint></node></x>',
    "deep": f"<a><b><c><d><measurePoint><number>101</number><e><f><hourData>{HOURS}</hourData></f></e></measurePoint>"
    "</d></c></b></a>",
    "point_on_record": "<x dataType='hour'>" + ATTRIBUTES.replace("<r ", '<r pointNumber="101" ') + "</x>",
    "kind_on_record": "<x><point number='101'>"
    + ATTRIBUTES.replace("<r ", '<r dataType="Hour" ')
    + "</point></x>",
    "kind_by_sdk_number": f"<x><point number='101' dataType='128'>{ATTRIBUTES}</point></x>",
    "kind_in_record_tag": "<x><point number='101'>"
    + ATTRIBUTES.replace("<r ", "<hourRecord ")
    + "</point></x>",
    "kind_russian": f"<x><point number='101' тип_архива='Часовой'>{ATTRIBUTES}</point></x>",
    "reordered": "<x><point number='101'><hour>"
    '<r M_in="5.148" T_in="98.45" dateTime="2026-01-15T00:00:00"/>'
    '<r T_in="97.73" dateTime="2026-01-15T01:00:00" M_in="5.1576"/></hour></point></x>',
    "upper_case": f"<x><measurePoint><syncNumber>101</syncNumber><hour>{HOURS}</hour></measurePoint></x>".upper().replace(
        "T00:00:00", "T00:00:00"
    ),
    "namespace": '<l:x xmlns:l="urn:lers"><l:measurePoint l:number="101"><l:hour>'
    + HOURS.replace("</", "</l:")
    .replace("<r", "<l:r")
    .replace("<d", "<l:d")
    .replace("<T", "<l:T")
    .replace("<M", "<l:M")
    + "</l:hour></l:measurePoint></l:x>",
    "default_namespace": f'<x xmlns="urn:a"><point number="101"><hour xmlns="urn:b">{HOURS}</hour></point></x>',
    "aliases": f'<x><point number="101"><hour>{ATTRIBUTES}</hour></point></x>'.replace("T_in", "T1").replace(
        "M_in", "M1"
    ),
    "cyrillic_aliases": f'<x><point number="101"><hour>{ATTRIBUTES}</hour></point></x>'.replace(
        "T_in", "Т1"
    ).replace("M_in", "М1"),
    "value_attributes": "<x><point number='101'><hour>"
    '<r dateTime="2026-01-15T00:00:00"><T_in value="98.45" isBad="false"/><M_in value="5.148"/></r>'
    '<r dateTime="2026-01-15T01:00:00"><T_in isBad="0">97.73</T_in><M_in>5.1576</M_in></r></hour></point></x>',
    "parameter_attribute": "<x><point number='101'><hour>"
    '<r dateTime="2026-01-15T00:00:00"><v parameter="T_in">98.45</v><v parameter="M_in">5.148</v></r>'
    '<r dateTime="2026-01-15T01:00:00"><v name="T_in" value="97.73"/><v name="M_in" value="5.1576"/></r>'
    "</hour></point></x>",
    "short_names": "<x><point number='101'><hour>"
    '<i t="2026-01-15T00:00:00" dateTime="2026-01-15T00:00:00"><p name="T_in">98.45</p><p name="M_in">5.148</p></i>'
    '<i dateTime="2026-01-15T01:00:00"><v><p name="T_in" v="1" value="97.73"/></v><p name="M_in" value="5.1576"/></i>'
    "</hour></point></x>",
    "values_in_box": "<x><point number='101'><hour>"
    "<r><when><dateTime>2026-01-15T00:00:00</dateTime></when><dateTime>2026-01-15T00:00:00</dateTime>"
    "<v><T_in>98.45</T_in><M_in>5.148</M_in></v></r>"
    '<r dateTime="2026-01-15T01:00:00"><v T_in="97.73" M_in="5.1576"/></r></hour></point></x>',
    "hour_number": "<x><point number='101'><hourArchive>"
    '<r date="2026-01-15" hour="0" T_in="98.45" M_in="5.148"/>'
    '<r date="2026-01-15" hour="1" T_in="97.73" M_in="5.1576"/></hourArchive></point></x>',
    "start_and_end": "<x><point number='101'><hourArchive>"
    '<r start="2026-01-15T00:00:00" end="2026-01-15T01:00:00" T_in="98.45" M_in="5.148"/>'
    '<r start="2026-01-15T01:00:00" end="2026-01-15T02:00:00" T_in="97.73" M_in="5.1576"/></hourArchive></point></x>',
    "type_that_is_no_kind": f"<x type='4'><point number='101' type='1'><hour>{ATTRIBUTES}</hour></point></x>",
    "date_and_time": "<x><point number='101'><hour>"
    '<r date="2026-01-15" time="00:00" T_in="98.45" M_in="5.148"/>'
    '<r date="15.01.2026" time="01:00:00" T_in="97.73" M_in="5.1576"/></hour></point></x>',
    "russian_stamps": f"<x><point number='101'><hour>{ATTRIBUTES}</hour></point></x>".replace(
        "2026-01-15T00:00:00", "15.01.2026 00:00"
    ).replace("2026-01-15T01:00:00", "15.01.2026 1:00:00"),
    "short_stamps": f"<x><point number='101'><hour>{ATTRIBUTES}</hour></point></x>".replace(
        "2026-01-15T00:00:00", "2026-01-15 00:00"
    ).replace("2026-01-15T01:00:00", "20260115T010000"),
    "net_stamps": f"<x><point number='101'><hour>{ATTRIBUTES}</hour></point></x>".replace(
        ":00:00", ":00:00.0000000"
    ),
    "date_only_first": f"<x><point number='101'><hour>{ATTRIBUTES}</hour></point></x>".replace(
        "2026-01-15T00:00:00", "2026-01-15"
    ),
    "comma": f"<x><point number='101'><hour>{ATTRIBUTES}</hour></point></x>".replace(
        "98.45", "98,45"
    ).replace("5.1576", "5,1576"),
    "blanks_around": f"<x><point number='101'><hour>{HOURS}</hour></point></x>".replace(
        "98.45", "\n  98.45\t"
    ).replace("5.148", "5.148\u00a0"),
    "exponent": f"<x><point number='101'><hour>{HOURS}</hour></point></x>".replace(
        "98.45", "9.845E+01"
    ).replace("5.1576", "51576e-4"),
    "empty_and_nil": '<x xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><point number="101"><hour>'
    + HOURS.replace("<T_in>", '<Q_in xsi:nil="true"/><V_in/><P_in></P_in><T_in>')
    + "</hour></point></x>",
    "comments_and_cdata": f"<x><!-- a --><point number='101'><?p i?><hour>{HOURS}</hour></point></x>".replace(
        "98.45", "98<!-- 1 -->.45"
    ).replace("97.73", "<![CDATA[97.73]]>"),
    "references": f"<x><point number='101'><hour>{HOURS}</hour></point></x>".replace("98.45", "&#57;8.45"),
    "numbered_records": "<x><point number='101'><hour>"
    + ATTRIBUTES.replace("<r ", '<r id="1" ', 1).replace("/><r d", '/><r id="2" d')
    + "</hour></point></x>",
    "flat_values": "<x><point number='101'><hour>"
    '<v dateTime="2026-01-15T00:00:00" parameter="T_in" value="98.45"/>'
    "</hour></point></x>",
    "soap_envelope": '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><point number="101">'
    f"<hour>{HOURS}</hour></point></s:Body></s:Envelope>",
    "doubled_equal_value": f"<x><point number='101'><hour>{HOURS}</hour></point></x>".replace(
        "<T_in>98.45</T_in>", "<T_in>98.45</T_in><T1>98.45</T1>"
    ),
    "net_declares_utf16": '<?xml version="1.0" encoding="utf-16"?>'
    f"<x><point number='101'><hour>{HOURS}</hour></point></x>",
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_hours_however_they_are_written(name: str, read) -> None:
    got = read(VARIANTS[name])
    wanted = WANTED if name != "flat_values" else [(*WANTED[0][:3], {"T_in": 98.45})]
    assert got.found == wanted
    assert got.codes == []
    assert {row.system for row in got.rows} == {None}
    assert all(not row.series.guessed for row in got.rows)


@pytest.mark.parametrize(
    "codec, declared",
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-8-sig", ""), ("utf-16", "utf-16"), ("utf-16", ""),
        ("utf-16-le", "utf-16"), ("utf-16-be", "utf-16"), ("cp1251", "windows-1251"), ("cp1251", "Windows-1251"),
        ("cp1251", "cp1251"),
    ],
)  # fmt: skip
def test_encodings(codec: str, declared: str, read) -> None:
    text = VARIANTS["dialect_b"].replace("<measurePoint ", '<measurePoint title="Дом № 1, ёлка" ')
    head = f'<?xml version="1.0" encoding="{declared}"?>\r\n' if declared else ""
    got = read((head + text).encode(codec))
    assert got.found == WANTED
    assert got.rows[0].series.title == "Дом № 1, ёлка"
    assert got.codes == []


def test_lines_are_those_of_the_file(read) -> None:
    rows = "\n".join(
        f'  <r dateTime="2026-01-{day:02}T00:00:00" T_in="{70 + day}"\n     M_in="{"x" if day == 9 else day}"/>'
        for day in range(1, 13)
    )
    got = read(f"<x>\n<point number='5'>\n<day>\n{rows}\n</day></point></x>")
    assert [row.line for row in got.rows] == list(range(4, 28, 2))
    assert [(i.line, i.point, i.field, i.value, i.code) for i in got.summary.issues] == [
        (20, "5", "M_in", "x", "bad_number")
    ]


def test_lines_of_element_files(read) -> None:
    rows = "\n".join(
        f"<r>\n  <dateTime>2026-01-{day:02}T00:00:00</dateTime>\n  <T_in>{'1_0' if day == 11 else day}</T_in>\n</r>"
        for day in range(1, 13)
    )
    got = read(f'<?xml version="1.0"?>\n<x><point number="5"><day>\n{rows}\n</day></point></x>')
    assert [row.line for row in got.rows] == [line for line in range(3, 51, 4) if line != 43]
    assert got.summary.series[0].rejected == 1
    assert [(i.line, i.field, i.value) for i in got.summary.issues] == [(45, "T_in", "1_0")]


def test_several_points_meters_and_kinds(read) -> None:
    def block(tag: str, stamp: str, value: int) -> str:
        return f'<{tag}><r dateTime="{stamp}" Q_delta="{value}"/></{tag}>'

    got = read(
        "<x><measurePoint number='1' serialNumber='A' systemType='1'>"
        + block("hourConsumption", "2026-01-01T05:00:00", 1) + block("dayConsumption", "2026-01-01T00:00:00", 2)
        + block("monthConsumption", "2026-01-01T00:00:00", 3) + block("totals", "2026-01-01T00:00:00", 4)
        + block("current", "2026-01-01T05:07:00", 5)
        + "</measurePoint><measurePoint number='2' systemType='ГВС'><device model='VKT_7' number='B'/>"
        + block("day", "2026-01-01T00:00:00", 6) + "</measurePoint></x>"
    )  # fmt: skip
    assert [(r.point, r.serial, r.system, r.kind, r.texts) for r in got.rows] == [
        ("1", "A", "Heat", "hour", ("1",)),
        ("1", "A", "Heat", "day", ("2",)),
        ("1", "A", "Heat", "month", ("3",)),
        ("1", "A", "Heat", "totals", ("4",)),
        ("1", "A", "Heat", "current", ("5",)),
        ("2", "B", "HotWater", "day", ("6",)),
    ]
    assert [(p.number, p.serial) for p in got.summary.points] == [("1", "A"), ("2", "B")]


def test_two_headers_before_records_are_ambiguous(read) -> None:
    got = read(f"<x><point number='1'/><point number='2'/><hour>{ATTRIBUTES}</hour></x>")
    assert {row.point for row in got.rows} == {None}
    assert got.codes == ["ambiguous_point"]


def test_headers_between_the_records(read) -> None:
    rows = ATTRIBUTES * 3
    got = read(f"<x dataType='Hour'><point number='1'/>{rows}<point number='2'/>{rows}</x>")
    assert [row.point for row in got.rows] == ["1"] * 6 + ["2"] * 6


def test_unknown_names_are_listed_and_harm_nothing(read) -> None:
    rows = ATTRIBUTES.replace("/>", ' colour="red" T3="4"/>') * 4
    got = read(f"<x><point number='101'><hour><smell>sweet</smell>{rows}</hour></point></x>")
    assert got.summary.ignored == {"smell": 1, "colour": 8, "T3": 8}
    assert got.found == WANTED * 4


def test_offsets_are_kept_and_never_shift(read) -> None:
    rows = "".join(
        f'<r dateTime="2026-01-15T00:00:00{z}" T_in="1"/>' for z in ("+09:00", "Z", "-03:30", "+0800", "")
    )
    got = read(f"<x><point number='1'><day>{rows}</day></point></x>")
    assert [row.offset for row in got.rows] == [32400, 0, -12600, 28800, None]
    assert {row.start.isoformat() for row in got.rows} == {"2026-01-15T00:00:00"}


def test_stamps_out_of_order_and_repeated_are_said(read) -> None:
    rows = "".join(f'<r dateTime="2026-01-{d:02}T00:00:00" T_in="{d}"/>' for d in (1, 2, 3, 5, 4, 4, 6))
    got = read(f"<x><point number='1'><day>{rows}</day></point></x>")
    (series,) = got.summary.series
    assert not series.in_order
    assert (series.first.day, series.last.day, series.records) == (1, 6, 7)


@pytest.mark.parametrize("kind, shifted", [("hour", "2026-01-14 23:00:00"), ("day", "2026-01-14 00:00:00")])
def test_end_stamps_are_moved_to_the_start(kind: str, shifted: str, read) -> None:
    profile = Profile(hour_stamp="end", day_stamp="end")
    rows = "".join(f'<r dateTime="2026-01-15T00:00:00" T_in="{n}"/>' for n in range(5))
    got = read(f"<x><point number='1' dataType='{kind}'>{rows}</point></x>", profile=profile)
    assert {row.start.isoformat(" ") for row in got.rows} == {shifted}


@pytest.mark.parametrize(
    "stamp, start", [("2026-02-01T00:00:00", "2026-01-01"), ("2026-01-31T00:00:00", "2026-01-01")]
)
def test_month_ends_too(stamp: str, start: str, read) -> None:
    got = read(f"<x><month><r dateTime='{stamp}' Q_in='1'/></month></x>", profile=Profile(month_stamp="end"))
    assert got.rows[0].start.date().isoformat() == start


def test_profile_names(read) -> None:
    profile = Profile(
        aliases={"Heat": "Q_delta"}, parameter_ids={7: "V_in"}, point_keys=("abonent",), time_keys=("at",)
    )
    got = read(
        '<x abonent="9"><day><r at="2026-01-01" Heat="1"><v><parameterId>7</parameterId><value>2</value></v></r></day></x>',
        profile=profile,
    )
    assert got.found == [("9", "day", "2026-01-01 00:00:00", {"Q_delta": 1.0, "V_in": 2.0})]


@pytest.mark.parametrize(
    "step, kind", [("hour", "hour"), ("day", "day"), ("month", "month"), ("gap", "day"), ("one", "day")]
)
def test_kind_told_from_the_step(step: str, kind: str, read) -> None:
    stamps = {
        "hour": [f"2026-01-15T{h:02}:00:00" for h in (5, 3, 4)],
        "day": [f"2026-01-{d:02}T00:00:00" for d in (1, 2, 3)],
        "month": [f"2026-{m:02}-01T00:00:00" for m in (1, 2, 3)],
        "gap": [f"2026-01-{d:02}T10:00:00" for d in (1, 2, 25)],
        "one": ["2026-01-15T00:00:00"],
    }[step]
    got = read(
        "<x><point number='1'>" + "".join(f'<r dateTime="{s}" T_in="1"/>' for s in stamps) + "</point></x>"
    )
    assert {(row.kind, row.series.guessed) for row in got.rows} == {(kind, True)}


def test_hours_and_days_mixed_without_a_word(read) -> None:
    hours = [f'<r dateTime="2026-01-15T{h:02}:00:00" NormalOperationDuration="1"/>' for h in range(24)]
    days = [f'<r dateTime="2026-01-{d:02}T00:00:00" NormalOperationDuration="24"/>' for d in range(14, 17)]
    got = read("<x><point number='1'>" + "".join(days[:2] + hours + days[2:]) + "</point></x>")
    kinds = [row.kind for row in got.rows]
    assert (kinds.count("hour"), kinds.count("day")) == (24, 3)
    assert {row.point for row in got.rows} == {"1"}


def test_a_long_file_without_kind_is_decided_once(read) -> None:
    from readings.lers import Limits
    from testkit.lers_files import document, records

    text = "".join(document(records(count=300), "elements")).replace("<dataType>Hour</dataType>", "")
    got = read(text, limits=Limits(guess_rows=50))
    assert {(row.kind, row.point, row.series.guessed) for row in got.rows} == {("hour", "101", True)}
    assert len(got.rows) == 300


def test_flags_and_marks(read) -> None:
    got = read(
        "<x><point number='1'><hour>"
        '<r dateTime="2026-01-01T00:00:00" T_in="1" attributes="IncompleteData, ExternalData" badValues="32"/>'
        '<r dateTime="2026-01-01T01:00:00" T_in="1" flags="24" calculatedValues="T_in V_in" resettedValues="-1"/>'
        '<r dateTime="2026-01-01T02:00:00"><attributes>MissingInDevice</attributes></r>'
        '<r dateTime="2026-01-01T03:00:00"><T_in isBad="true" isInterpolated="1">5</T_in></r>'
        "</hour></point></x>"
    )
    assert [row.flags for row in got.rows] == [3, 24, 16, 0]
    assert got.rows[0].marks.bad == {"T_out"}
    assert got.rows[1].marks.calculated == {"T_in", "V_in"}
    assert len(got.rows[1].marks.reset) == 28
    assert got.rows[2].values == {}
    assert (got.rows[3].marks.bad, got.rows[3].marks.interpolated) == ({"T_in"}, {"T_in"})
    assert got.codes == []


def test_numbers_of_totals_stay_exact(read) -> None:
    from decimal import Decimal

    got = read(
        '<x><point number="1"><totals><r dateTime="2026-01-01" Q_in="11911.64434200" V_in="1,10"/></totals></point></x>'
    )
    assert got.rows[0].values == {"Q_in": Decimal("11911.64434200"), "V_in": Decimal("1.10")}
    assert got.rows[0].texts == ("11911.64434200", "1.10")


@pytest.mark.parametrize(
    "write",
    [
        "{:%Y-%m-%dT%H:%M:%S}+09:00", "{:%Y-%m-%d %H:%M}", "{:%Y-%m-%dT%H:%M:%S}.0000000Z", "{:%d.%m.%Y %H:%M}",
        "{:%d.%m.%Y %H:%M:%S}", "{:%Y%m%dT%H%M%S}", "{:%Y-%m-%d %H:%M:%S}",
    ],
)  # fmt: skip
def test_long_runs_of_every_stamp(write: str, read) -> None:
    from datetime import datetime, timedelta

    stamps = [datetime(2026, 1, 30) + timedelta(hours=n) for n in range(60)]  # noqa: DTZ001
    rows = "".join(f'<r dateTime="{write.format(stamp)}" T_in="1"/>' for stamp in stamps)
    got = read(f"<x><point number='1'><hour>{rows}</hour></point></x>")
    assert [row.start for row in got.rows] == stamps
    assert {row.offset for row in got.rows} == {32400 if "+" in write else 0 if "Z" in write else None}
    assert got.codes == []


def test_clocks_beside_dates_in_long_runs(read) -> None:
    rows = "".join(f'<r date="2026-01-15" time="{h:02}:00" T_in="1"/>' for h in range(24))
    got = read(f"<x><point number='1'><hourly>{rows}</hourly></point></x>")
    assert [row.start.hour for row in got.rows] == list(range(24))
