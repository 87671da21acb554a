"""import_lers on files: what is stored, what is counted, what is refused."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from lxml import etree

from accounts.tenancy import tenant_scope
from readings.ingest.columns import BIT, COLUMNS
from readings.models import ArchiveRecord, ArchiveSeries, DayTotal, DeviceFault, ImportJob, ReplacedRecord
from testkit.world import World
from tests.readings.archive_kit import SAMPLES, epoch, lers, make_points, run_import

pytestmark = pytest.mark.django_db
HAVE_SAMPLES = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not on this machine")
HOUR = {"T_in": "98.45", "Q_delta": "0.222535", "M_in": "5.148"}


@pytest.fixture
def slug(world: World) -> str:
    make_points(world.utility.programme)
    return world.utility.programme.slug


def stored(world: World, number: str = "101", kind: str = "hour") -> dict[int, ArchiveRecord]:
    with tenant_scope(world.utility.programme.pk):
        series = ArchiveSeries.objects.filter(point__number=number, kind=kind)
        return {r.start: r for r in ArchiveRecord.objects.filter(series__in=series).order_by("start")}


def write(folder: Path, data: bytes, name: str = "a.xml") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def oracle(path: Path, kind: str) -> dict[tuple[str, str], dict[str, float]]:
    """(number, stamp) → values, read by a DOM and nothing of ours: dialects A and B of the samples."""
    data = path.read_bytes()
    root = etree.fromstring(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    found: dict[tuple[str, str], dict[str, float]] = {}
    other = {"hour": "day", "day": "hour"}[kind]
    for record in root.iter("{*}record", "{*}MeasurePointConsumptionRecord"):
        above = list(record.iterancestors())
        if any(other in (a.findtext("dataType", "") + etree.QName(a).localname).lower() for a in above):
            continue
        texts = dict(record.attrib) | {etree.QName(c).localname: c.text or "" for c in record}
        point = next((a for a in record.iterancestors() if etree.QName(a).localname == "measurePoint"), None)
        number = "" if point is None else point.get("number") or point.findtext("syncNumber")
        stamp = texts.get("dateTime") or texts["DateTime"]
        if "WorkTime" in texts:
            texts["NormalOperationDuration"] = texts.pop("WorkTime")
        found[number, stamp] = {n: float(t.replace(",", ".")) for n, t in texts.items() if n in COLUMNS and t}
    return found


GOOD = [
    ("recon-a-hour.xml", "hour"), ("recon-b-attributes.xml", "hour"), ("recon-a-hour-flags.xml", "hour"),
    ("recon-a-day-comma-cp1251.xml", "day"), ("fact-api-hour.xml", "hour"), ("fact-api-day-gaps.xml", "day"),
]  # fmt: skip


@HAVE_SAMPLES
@pytest.mark.parametrize(("name", "kind"), GOOD)
def test_every_value_of_a_sample_is_stored_as_it_stands(
    world: World, slug: str, name: str, kind: str
) -> None:
    code, (report,) = run_import(slug, SAMPLES / name, point="101")
    assert (code, report["status"], report["issues"]) == (0, "done", [])
    wanted = {epoch(stamp + "+09:00"): values for (_, stamp), values in oracle(SAMPLES / name, kind).items()}
    found = {
        start: {n: v for n, c in COLUMNS.items() if (v := getattr(record, c)) is not None}
        for start, record in stored(world, kind=kind).items()
    }
    assert found == wanted
    (interval,) = [i for i in report["points"][0]["intervals"] if i["kind"] == kind]
    assert interval["in_file"] == interval["accepted"] == len(wanted)
    assert (interval["skipped"], interval["replaced"], interval["rejected"]) == (0, 0, 0)


@HAVE_SAMPLES
def test_a_file_of_several_points_fills_each(world: World, slug: str) -> None:
    code, (report,) = run_import(slug, SAMPLES / "recon-a-multipoint.xml.gz")
    assert code == 1  # 103 is nobody's here
    assert [issue["code"] for issue in report["issues"]] == ["unknown_point"]
    assert {p["number"] for p in report["points"]} == {"101", "102", "103"}
    for point in report["points"]:
        assert point["matched"] == (point["number"] in ("101", "102"))
    assert stored(world, "101")
    assert stored(world, "102", kind="day")


@HAVE_SAMPLES
def test_device_errors_totals_and_the_adapters_csv(world: World, slug: str) -> None:
    assert run_import(slug, SAMPLES / "fact-api-device-errors.xml", point="101")[0] == 0
    assert run_import(slug, SAMPLES / "fact-api-totals.xml", point="101")[0] == 0
    code, (csv,) = run_import(slug, SAMPLES / "fact-khvadm-202601010000-202601160000.csv")
    assert code in (0, 1)
    assert {i["kind"]: i["accepted"] for i in csv["points"][0]["intervals"]} == {"day": 3, "hour": 3}
    with tenant_scope(world.utility.programme.pk):
        assert sorted(DeviceFault.objects.values_list("seconds", flat=True)) == [1800, 3600, 5400]
    assert stored(world, kind="totals")[epoch("2026-01-02T00:00:00+09:00")].q_delta == 5505.38317


@HAVE_SAMPLES
@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("bad-truncated.xml", "broken_xml"), ("bad-doctype-entity.xml", "doctype"),
        ("bad-80020-electricity.xml", "electricity_80020"), ("fact-universalreader-settings.xml", "settings_file"),
    ],
)  # fmt: skip
def test_a_bad_sample_is_refused_whole(world: World, slug: str, name: str, refusal: str) -> None:
    code, (report,) = run_import(slug, SAMPLES / name)
    assert (code, report["status"]) == (2, "refused")
    assert [issue["code"] for issue in report["issues"]] == [refusal]
    with tenant_scope(world.utility.programme.pk):
        assert not ArchiveRecord.objects.exists()
        assert not ArchiveSeries.objects.exists()
        assert not ImportJob.objects.exists()


def test_a_truncated_file_leaves_what_was_stored_before(world: World, slug: str, tmp_path: Path) -> None:
    whole = lers([(f"2026-01-15T{h:02}:00:00", HOUR | {"T_in": str(90 + h)}) for h in range(24)])
    run_import(slug, write(tmp_path, whole))
    before = {start: record.t_in for start, record in stored(world).items()}
    changed = whole.replace(b"<T_in>9", b"<T_in>7")[:-60]
    code, (report,) = run_import(slug, write(tmp_path, changed, "cut.xml"), replace=True)
    assert (code, report["issues"][0]["code"]) == (2, "broken_xml")
    assert report["issues"][0]["line"] > 1
    assert {start: record.t_in for start, record in stored(world).items()} == before


def test_values_are_kept_unless_replace_is_asked_for(world: World, slug: str, tmp_path: Path) -> None:
    first = lers([(f"2026-01-15T{h:02}:00:00", HOUR) for h in range(3)])
    other = first.replace(b"98.45", b"97.00", 1)
    run_import(slug, write(tmp_path, first))
    _, (kept,) = run_import(slug, write(tmp_path, other, "b.xml"))
    assert _counts(kept) == (3, 0, 3, 0, 0)
    assert {r.t_in for r in stored(world).values()} == {98.45}
    _, (replaced,) = run_import(slug, write(tmp_path, other, "b.xml"), replace=True)
    assert _counts(replaced) == (3, 0, 2, 1, 0)
    assert [r.t_in for r in stored(world).values()] == [97.0, 98.45, 98.45]
    with tenant_scope(world.utility.programme.pk):
        history = ReplacedRecord.objects.get()
        assert (history.record["t_in"], history.record["q_delta"]) == (98.45, 0.222535)
        assert history.import_job.file_name == "a.xml"


def _counts(report: dict) -> tuple[int, ...]:
    (interval,) = report["points"][0]["intervals"]
    return tuple(interval[k] for k in ("in_file", "accepted", "skipped", "replaced", "rejected"))


def test_a_file_again_changes_nothing(world: World, slug: str, tmp_path: Path) -> None:
    path = write(tmp_path, lers([(f"2026-01-15T{h:02}:00:00", HOUR) for h in range(24)]))
    run_import(slug, path)
    jobs = {r.import_job_id for r in stored(world).values()}
    for replace in (False, True):
        code, (again,) = run_import(slug, path, replace=replace)
        assert (code, _counts(again)) == (0, (24, 0, 24, 0, 0))
    assert {r.import_job_id for r in stored(world).values()} == jobs


def test_a_value_that_was_missing_is_filled_and_keeps_its_own_mark(
    world: World, slug: str, tmp_path: Path
) -> None:
    run_import(slug, write(tmp_path, lers([("2026-01-15T00:00:00", {"T_in": "98.45", "badValues": "16"})])))
    later = lers([("2026-01-15T00:00:00", {"T_in": "50", "Q_delta": "0.5", "badValues": "4112"})])
    _, (report,) = run_import(slug, write(tmp_path, later, "b.xml"))
    assert _counts(report) == (1, 1, 0, 0, 0)
    (record,) = stored(world).values()
    assert (record.t_in, record.q_delta, record.bad) == (98.45, 0.5, BIT["T_in"] | BIT["Q_delta"])


def test_measured_beats_calculated_beats_interpolated(world: World, slug: str, tmp_path: Path) -> None:
    def one(value: str, **marks: str) -> bytes:
        return lers([("2026-01-15T00:00:00", {"Q_delta": value, **marks})])

    run_import(slug, write(tmp_path, one("1", interpolatedValues="4096")))
    for value, marks, standing in (
        ("2", {"calculatedValues": "4096"}, 2.0), ("3", {}, 3.0), ("4", {"calculatedValues": "4096"}, 3.0)
    ):  # fmt: skip
        run_import(slug, write(tmp_path, one(value, **marks), f"{value}.xml"))
        assert [r.q_delta for r in stored(world).values()] == [standing]


@HAVE_SAMPLES
def test_duplicates_in_a_file_are_counted_and_told(world: World, slug: str) -> None:
    _, (report,) = run_import(slug, SAMPLES / "bad-duplicates.xml")
    in_file, accepted, skipped, replaced, rejected = _counts(report)
    assert (in_file, accepted, replaced, skipped + rejected) == (8, 5, 0, 3)
    told = [issue for issue in report["issues"] if issue["code"] == "duplicate_record"]
    assert len(told) == rejected
    assert len(stored(world, kind="day")) == 5


@HAVE_SAMPLES
def test_flags_are_kept_as_masks(world: World, slug: str) -> None:
    run_import(slug, SAMPLES / "recon-a-hour-flags.xml")
    records = list(stored(world).values())
    assert {r.bad for r in records} == {0, BIT["T_out"]}
    assert BIT["Q_in"] | BIT["Q_out"] | BIT["Q_delta"] in {r.calculated for r in records}
    assert BIT["M_in"] | BIT["M_out"] in {r.interpolated for r in records}
    assert {1, 2, 8, 16} <= {r.flags for r in records}
    (missing,) = [r for r in records if r.flags == 16]
    assert {getattr(missing, column) for column in COLUMNS.values()} == {None}


@HAVE_SAMPLES
def test_gaps_are_half_open_and_local(world: World, slug: str) -> None:
    _, (report,) = run_import(slug, SAMPLES / "recon-a-day-gaps.xml")
    gaps = [(g["kind"], g["start"][:16], g["end"][:16]) for g in report["points"][0]["gaps"]]
    assert gaps == [
        ("day", "2026-01-05T00:00", "2026-01-08T00:00"), ("day", "2026-01-21T00:00", "2026-01-22T00:00"),
        ("hour", "2026-01-15T03:00", "2026-01-15T06:00"), ("hour", "2026-01-15T17:00", "2026-01-15T18:00"),
    ]  # fmt: skip
    days, hours = report["points"][0]["intervals"]
    assert (days["start"], days["end"]) == ("2026-01-01T00:00:00+09:00", "2026-02-01T00:00:00+09:00")
    assert (hours["start"], hours["end"]) == ("2026-01-15T00:00:00+09:00", "2026-01-16T00:00:00+09:00")


def test_a_dry_run_reports_and_stores_nothing(world: World, slug: str, tmp_path: Path) -> None:
    path = write(tmp_path, lers([(f"2026-01-15T{h:02}:00:00", HOUR) for h in range(24)]))
    code, (dry,) = run_import(slug, path, dry_run=True)
    with tenant_scope(world.utility.programme.pk):
        assert not ArchiveSeries.objects.exists()
        assert not ImportJob.objects.exists()
        assert not DayTotal.objects.exists()
    assert (code, [dry]) == run_import(slug, path)
    assert _counts(dry) == (24, 24, 0, 0, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": "999"}, "unknown_point"), ({"serial": "777"}, "serial_mismatch"),
        ({"system": "2"}, "system_mismatch"), ({"number": None}, "point_needed"),
    ],
)  # fmt: skip
def test_a_point_that_does_not_fit_is_refused(
    world: World, slug: str, tmp_path: Path, change: dict, code: str
) -> None:
    good = lers([("2026-01-15T00:00:00", HOUR)])
    path = write(tmp_path, lers([("2026-01-15T00:00:00", HOUR)], **change))
    exit_code, (report,) = run_import(slug, path)
    assert (exit_code, report["status"], [i["code"] for i in report["issues"]]) == (2, "refused", [code])
    assert not report["points"][0]["matched"]
    assert _counts(report) == (1, 0, 0, 0, 1)
    assert not stored(world)
    assert run_import(slug, write(tmp_path, good, "good.xml"))[0] == 0


def test_a_meters_number_may_be_written_without_its_zeros(world: World, slug: str, tmp_path: Path) -> None:
    path = write(tmp_path, lers([("2026-01-15T00:00:00", HOUR)], serial=" 1"))
    assert run_import(slug, path)[0] == 0


def test_several_files_exit_with_the_worst(world: World, slug: str, tmp_path: Path) -> None:
    good = write(tmp_path, lers([("2026-01-15T00:00:00", HOUR)]))
    worse = write(tmp_path, lers([("2026-01-16T00:00:00", HOUR | {"T_in": "abc"})]), "b.xml")
    code, reports = run_import(slug, good, worse)
    assert (code, [r["status"] for r in reports]) == (1, ["done", "done_with_issues"])
    assert reports[1]["issues"][0] | {"line": 0} == {
        "line": 0, "point": "101", "field": "T_in", "value": "abc", "code": "bad_number",
    }  # fmt: skip
    code, reports = run_import(slug, good, write(tmp_path, b"<html/>", "c.xml"), tmp_path / "absent.xml")
    assert (code, [r["status"] for r in reports]) == (2, ["done", "refused", "refused"])


def test_what_is_given_wrongly_is_said(world: World, slug: str, tmp_path: Path) -> None:
    path = str(write(tmp_path, lers([("2026-01-15T00:00:00", HOUR)])))
    with pytest.raises(CommandError, match="no programme"):
        call_command("import_lers", path, programme="absent")
    with pytest.raises(CommandError, match="no metering point"):
        call_command("import_lers", path, programme=slug, point="999")


def test_a_total_is_rounded_half_up_on_its_decimal_digits() -> None:
    from readings.archives.totals import steps

    for text in ("0.0000005", "0.4810815", "123456.7890125", "0.1234564999", "-0.0000015", "0"):
        exact = (Decimal(text) * 1_000_000).quantize(Decimal(1), "ROUND_HALF_UP")
        assert steps(float(text)) == int(exact)


def test_a_number_in_the_file_wins_over_the_option(world: World, slug: str, tmp_path: Path) -> None:
    path = write(tmp_path, lers([("2026-01-15T00:00:00", HOUR)], number="102", system="2"))
    assert run_import(slug, path, point="101")[0] == 0
    assert not stored(world, "101")
    assert len(stored(world, "102")) == 1
