"""What the console keeps: its list in order, journals over a restart, polls that end with it, stores of any shape."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway_sim.field.console_kit import Bench

pytestmark = pytest.mark.pure


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path / "console")


def test_the_list_is_sorted_by_a_column_and_numbers_by_their_size(bench: Bench) -> None:
    for number, serial in (("9", "b"), ("10", "c"), ("101", "a")):
        bench.point(number=number, serial=serial)
    for sort, order in (
        ("number", ["9", "10", "101"]), ("-number", ["101", "10", "9"]), ("serial", ["101", "9", "10"]),
        ("password", ["10", "101", "9"]),
    ):  # fmt: skip
        page = bench.get("/", sort=sort)
        assert re.findall(r'code">([0-9]+)<', page) == order
    assert 'aria-sort="descending"' in bench.get("/", sort="-number")


def test_the_last_journal_outlives_the_console(bench: Bench) -> None:
    card = bench.point()
    bench.poll(card, "day")
    again = Bench(bench.store.directory)
    assert "80 3F 01 05 8A 0D" in again.get(f"/points/{card.id}/poll")
    assert "80 3F 01 05 8A 0D" in again.client.get(f"/points/{card.id}/journal.txt").text
    assert "80 3F 01 05 8A 0D" in again.post(f"/points/{card.id}/report", words="")
    again.post(f"/points/{card.id}/journal/clear")
    assert "Журнал пуст." in Bench(bench.store.directory).get(f"/points/{card.id}/poll")


@pytest.mark.parametrize("how", ["closed", "removed"])
def test_a_poll_ends_with_its_console_and_with_its_point(bench: Bench, how: str) -> None:
    card = bench.point()
    bench.gate = threading.Event()
    bench.post(f"/points/{card.id}/poll", **{"from": "2026-10-01", "to": "2026-10-31", "kinds": "hour"})
    if how == "removed":
        bench.post(f"/points/{card.id}/remove")
    else:
        threading.Timer(0.05, bench.gate.set).start()
        bench.polls.end()
    bench.gate.set()
    bench.finish()
    running = bench.polls.latest
    assert running is not None and running.over and running.stop.is_set()


def test_a_folder_that_cannot_be_written_is_told_before_the_poll(bench: Bench) -> None:
    card = bench.point()
    blocked = bench.store.directory / "stick"
    bench.post("/parameters", serial_port="", tcp_port="10000", folder=str(blocked))
    blocked.rmdir()
    blocked.write_text("in the way")
    page = bench.poll(card, "day")
    assert "Папкой нельзя воспользоваться" in page and "80 3F" not in page
    assert bench.get("/files")


@pytest.mark.parametrize(
    "content", ['{"points": {"a": 1}}', '{"points": [3]}', "[]", '{"points": [], "parameters": 5}']
)
def test_a_store_of_another_shape_is_set_aside(tmp_path: Path, content: str) -> None:
    (tmp_path / "console.json").write_text(content)
    assert Bench(tmp_path).store.points() == [] and list(tmp_path.glob("console.json.broken-*"))


def test_odd_values_of_a_store_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "console.json").write_text(
        '{"points": [{"id": "ab", "name": 5, "heat_input": "x", "baud": "fast", "cells": []}]}'
    )
    (card,) = Bench(tmp_path).store.points()
    assert (card.name, card.heat_input, card.baud, card.cells) == ("", 1, None, {})


def test_settings_are_held_against_the_model(bench: Bench) -> None:
    card = bench.point("spt943")
    page = bench.post(f"/points/{card.id}?tab=meter", 422, model="spt943", address="300")
    assert "Введите целое число от 0 до 99." in page
    page = bench.post(f"/points/{card.id}?tab=cells", 422, supply="1", return_="2", heat_input="3")
    assert "Введите целое число от 1 до 2." in page
