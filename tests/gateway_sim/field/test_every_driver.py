"""What every driver must survive. A new model in `driver.MODULES` is tried here without a line of its own."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_sim.field.driver import make_driver, models
from gateway_sim.field.errors import FieldError
from gateway_sim.field.intervals import after, expected
from gateway_sim.field.line import Line
from gateway_sim.field.model import Kind, MeterSettings, Record
from gateway_sim.meters import plant
from gateway_sim.simulator.bus import Chunk
from gateway_sim.simulator.faults import FAULTS, FaultyLine
from gateway_sim.simulator.ports import VirtualTransport
from tests.gateway_sim.field.field_kit import NOW, day, line_to, run_poll

pytestmark = pytest.mark.pure
MODELS = sorted(models())
TWINS = {
    "multical402",
    "multical602",
    "spt941.20",
    "spt944",
    "spt941.10",
    "spt942",
}  # tables in another's driver
DRIVERS = [name for name in MODELS if name not in TWINS]
ARCHIVES = [name for name in MODELS if {"hour", "day", "month"} & set(models()[name].kinds)]
PERIODS: dict[Kind, tuple[datetime, datetime]] = {
    "hour": (day(10, 31, 5), day(10, 31, 17)),
    "day": (day(10, 28), day(11, 1)),
    "month": (day(9, 1), day(11, 1)),
    "current": (day(10, 28), day(11, 1)),  # for meters that keep no archive
}
FIGURES = {  # parameter → figure of the plant, decimal places
    "Q_delta": ("q", 6), "V_in": ("v1", 3), "V_out": ("v2", 3), "M_in": ("m1", 3), "M_out": ("m2", 3),
    "T_in": ("t1", 2), "T_out": ("t2", 2), "P_in": ("p1", 2), "P_out": ("p2", 2),
}  # fmt: skip


def kinds_of(model: str) -> list[Kind]:
    archives = [kind for kind in ("hour", "day", "month") if kind in models()[model].kinds]
    return archives or ["current"]  # type: ignore[return-value]


def records(model: str, folder: Path, kind: Kind, **options: Any) -> list[Record]:
    result, journal = run_poll(model, folder, (kind,), *PERIODS[kind], **options)
    assert result.complete, journal.text()
    return sorted((record for record in result.records if record.kind == kind), key=lambda record: record.at)


@cache
def on_a_good_line(model: str, kind: Kind) -> list[Record]:
    with TemporaryDirectory() as folder:
        return records(model, Path(folder), kind)


def resolution(value: Decimal) -> Decimal:
    """One step of the last digit that the meter told, at least a millionth of what a float of 4 bytes holds."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(Decimal(1).scaleb(exponent), abs(value) / 1_000_000, Decimal("0.000001"))


@pytest.mark.parametrize("model", ARCHIVES)
def test_an_archive_is_what_the_house_used(model: str, tmp_path: Path) -> None:
    for kind in kinds_of(model):
        read = records(model, tmp_path, kind)
        assert [record.at for record in read] == expected(kind, *PERIODS[kind])
        for record in read:
            used = plant.between(record.at, after(kind, record.at))
            told = {name: value for name, value in record.values.items() if name in FIGURES}
            assert "Q_delta" in told and len(told) >= 2
            for name, value in told.items():
                figure, places = FIGURES[name]
                truth = plant.decimal(getattr(used, figure), places)
                assert abs(value - truth) <= resolution(value) * 2, (kind, record.at, name, value, truth)


@pytest.mark.parametrize("model", MODELS)
def test_the_meter_now_and_its_totals(model: str, tmp_path: Path) -> None:
    if "current" not in models()[model].kinds:
        pytest.skip("the model has no current values")
    result, _journal = run_poll(model, tmp_path, ("current",), day(11, 1), day(11, 4))
    assert result.error is None
    now = {record.kind: record for record in result.records}
    hour = plant.hour_of(NOW.replace(minute=0))
    assert abs(now["current"].values["T_in"] - plant.decimal(hour.t1, 2)) <= Decimal("0.02")
    if "totals" not in models()[model].kinds:
        return
    counted = now["totals"].values["Q_delta"]
    truth = plant.decimal(plant.totals(NOW).q, 6)
    assert abs(counted - truth) <= resolution(counted) * 2
    assert now["totals"].attributes == ("CurrentTotals",)


@pytest.mark.parametrize("model", DRIVERS)
@pytest.mark.parametrize("trouble", ["echo", *FAULTS])
def test_a_bad_line_changes_no_figure(model: str, trouble: str, tmp_path: Path) -> None:
    options = {"echo": True} if trouble == "echo" else {"fault": trouble, "every": 4}
    kinds = ("day", "month") if model == "multical66" else kinds_of(model)[:2]  # its hours are the days' code
    for kind in kinds:
        assert records(model, tmp_path, kind, **options) == on_a_good_line(model, kind)


@pytest.mark.parametrize("model", DRIVERS)
@pytest.mark.parametrize("fault", ["silent", "corrupt", "noise"])
def test_a_meter_that_never_answers_well_gives_an_error_and_no_file(
    model: str, fault: str, tmp_path: Path
) -> None:
    result, journal = run_poll(model, tmp_path, (kinds_of(model)[-1],), *PERIODS["day"], fault=fault, every=1)
    assert result.error is not None and result.error.code in ("no_answer", "bad_answer"), journal.text()
    assert result.path is None and not list(tmp_path.iterdir())


@pytest.mark.parametrize("model", [name for name in MODELS if models()[name].tells_serial])
def test_another_meter_on_the_line_is_refused(model: str, tmp_path: Path) -> None:
    result, _journal = run_poll(
        model, tmp_path, (kinds_of(model)[-1],), *PERIODS["day"], settings={"serial": "99999"}
    )
    assert result.error is not None and result.error.code == "wrong_meter"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("model", [name for name in MODELS if models()[name].tells_serial])
def test_the_right_serial_number_is_let_in_with_leading_zeros(model: str, tmp_path: Path) -> None:
    first, _journal = run_poll(model, tmp_path, (kinds_of(model)[-1],), *PERIODS["day"])
    assert first.identity is not None and first.identity.serial
    again, journal = run_poll(
        model,
        tmp_path,
        (kinds_of(model)[-1],),
        *PERIODS["day"],
        settings={"serial": first.identity.serial.zfill(12)},
    )
    assert again.error is None, journal.text()


@pytest.mark.parametrize("model", [name for name in MODELS if models()[name].tells_clock])
def test_a_clock_a_day_off_is_told_and_left_alone(model: str, tmp_path: Path) -> None:
    late = NOW - timedelta(days=1)
    result, journal = run_poll(model, tmp_path, (kinds_of(model)[-1],), *PERIODS["day"], now=late.isoformat())
    assert result.clock_off is not None and abs(result.clock_off + timedelta(days=1)) < timedelta(minutes=1)
    assert "off by -1 d" in journal.text()


@pytest.mark.parametrize("model", ARCHIVES)
def test_an_empty_archive_is_a_gap_and_no_fault(model: str, tmp_path: Path) -> None:
    kind = kinds_of(model)[0]
    result, journal = run_poll(model, tmp_path, (kind,), *PERIODS[kind], empty="1")
    assert result.error is None, journal.text()
    gaps = expected(kind, *PERIODS[kind])
    assert result.missing == {kind: [(gaps[0], gaps[-1])]} or kind in result.not_supported
    assert result.path is None


@pytest.mark.parametrize("model", [name for name in ARCHIVES if name in DRIVERS])
def test_a_poll_that_is_stopped_keeps_what_it_has(model: str, tmp_path: Path) -> None:
    """The button is pressed when the day archive has come and the hours are being read."""
    kinds: tuple[Kind, ...] = tuple(reversed(kinds_of(model)[:2]))
    whole, _journal = run_poll(model, tmp_path, kinds, *PERIODS["day"])
    stop = threading.Event()
    line = line_to(model, stop=stop)
    ask, half = line.ask, _requests(model, kinds, tmp_path) * 3 // 4

    def ask_and_stop(*args: Any, **more: Any) -> Any:
        if line.requests >= half:
            stop.set()
        return ask(*args, **more)

    line.ask = ask_and_stop  # type: ignore[method-assign]
    result, journal = run_poll(model, tmp_path, kinds, *PERIODS["day"], line=line)
    assert result.error is not None and result.error.code == "stopped"
    assert 0 < len(result.records) < len(whole.records)
    assert result.path is not None and result.missing, journal.text()


def _requests(model: str, kinds: tuple[Kind, ...], folder: Path) -> int:
    line = line_to(model)
    run_poll(model, folder, kinds, *PERIODS["day"], line=line)
    return line.requests


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_written_to_the_meter(model: str, tmp_path: Path) -> None:
    line = line_to(model)
    run_poll(model, tmp_path, models()[model].kinds, day(10, 31), day(11, 1), line=line)
    assert isinstance(line.transport, VirtualTransport) and isinstance(line.transport.bus, FaultyLine)
    assert line.transport.bus.device.writes == []  # type: ignore[attr-defined]


@settings(max_examples=8, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("model", DRIVERS)
def test_no_bytes_make_a_driver_fall(model: str, data: st.DataObject) -> None:
    """The real meter's answers with bytes changed, left out and put in: a `FieldError` or a result, nothing else."""
    kind = data.draw(st.sampled_from(models()[model].kinds))
    line = line_to(model)
    line.retries = 0
    transport = line.transport
    assert isinstance(transport, VirtualTransport)
    whole = transport.bus.feed

    def feed(sent: bytes, baud: int = 2400) -> list[Chunk]:
        chunks = whole(sent, baud)
        answer = b"".join(chunk.data for chunk in chunks)
        return [Chunk(chunk.delay, _spoiled(answer, data), chunk.baud) for chunk in chunks[:1]]

    transport.bus.feed = feed  # type: ignore[method-assign]
    _drive(line, model, kind)


def _spoiled(answer: bytes, data: st.DataObject) -> bytes:
    if not answer or data.draw(st.integers(0, 3)):
        return answer
    place = data.draw(st.integers(0, len(answer) - 1))
    instead = data.draw(st.binary(max_size=3))
    return answer[:place] + instead + answer[place + 1 :]


def _drive(line: Line, model: str, kind: Kind) -> None:
    try:
        driver = make_driver(line, MeterSettings(model))
        driver.identify()
        driver.clock()
        if kind == "current":
            driver.current()
        else:
            start, end = PERIODS.get(kind, PERIODS["month"])
            list(driver.archive(kind, start, end))
        driver.close()
    except FieldError:
        pass
