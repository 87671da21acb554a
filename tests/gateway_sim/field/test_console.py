"""The field console through its pages: points, parameters, polls, files, what is brought in, and who is let in."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway_sim.console import box, forms, texts
from gateway_sim.console.store import Store
from gateway_sim.field.driver import models
from readings.lers import ListSink, read_archive
from tests.gateway_sim.field.console_kit import Bench

pytestmark = pytest.mark.pure
SETTINGS = """<?xml version="1.0" encoding="utf-8"?>
<settings><serialPortName>COM7</serialPortName><listenPort>10000</listenPort><saveDirectory>C:\\LERS</saveDirectory>
<measurePoint><syncNumber>501</syncNumber><title>Дом 5</title><address>Чита</address><systemType>1</systemType>
<counterModel>72</counterModel><counterSerialNumber>00000007</counterSerialNumber><password>geheim</password>
<portSpeed>1200</portSpeed><flowControl>4</flowControl><heatLeadIn>2</heatLeadIn></measurePoint>
<measurePoint><syncNumber>502</syncNumber><title>Дом 6</title><counterModel>107</counterModel></measurePoint>
</settings>"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path / "console")


def test_from_a_new_point_to_a_file_of_october(bench: Bench) -> None:
    """With a MULTICAL 601 too: tests/e2e/test_field_console.py."""
    card = bench.point("spt943")
    page = bench.poll(card, "hour")
    assert "Считано всё, что запрошено." in page
    (file,) = list(bench.store.folder.glob("*.xml"))
    assert file.name in bench.get("/files") and file.name in page
    sink = ListSink()
    read_archive(file, sink=sink)
    assert len(sink.records) == 31 * 24
    shown = bench.get(f"/points/{card.id}/last")
    assert "2026-10-01 00:00" in shown and "Строки 1–100 из 744" in shown
    downloaded = bench.client.get(f"/files/{file.name}")
    assert downloaded.data == file.read_bytes()


def test_each_column_has_a_filter_and_each_tab_saves_its_own(bench: Bench) -> None:
    first, second = bench.point(number="101", serial="11"), bench.point("spt943", number="202", serial="22")
    for query, found in (
        ({"number": "20"}, {"202"}), ({"model": "multical"}, {"101"}), ({"serial": "22"}, {"202"}),
        ({"name": "дом 1"}, {"101"}), ({"place": "чит"}, {"101", "202"}), ({"name": "нет"}, set()),
    ):  # fmt: skip
        page = bench.get("/", **query)
        assert {card.number for card in (first, second) if f'code">{card.number}<' in page} == found
    bench.post(
        f"/points/{second.id}?tab=cells", supply="2", return_="1", heat_input="2", **{"cell-T_indoor": "t3"}
    )
    bench.post(f"/points/{first.id}?tab=registers", registers="1", **{"register-T_outdoor": "122"})
    cells, registers = bench.store.point(second.id), bench.store.point(first.id)
    assert cells and registers
    assert (cells.supply, cells.return_, cells.heat_input, cells.cells) == (2, 1, 2, {"T_indoor": "t3"})
    assert registers.registers == {"T_outdoor": 122} and registers.serial == "11"


def test_the_toolbar_wants_a_chosen_row(bench: Bench) -> None:
    card = bench.point()
    assert "Сначала выберите точку учёта." in bench.get("/choose", do="poll")
    assert "Журнал опроса" in bench.get("/choose", do="poll", chosen=card.id)
    assert bench.client.get("/choose?do=format").status_code == 404
    assert bench.client.get("/choose?do=poll&chosen=nobody").status_code == 404


def test_a_changed_number_is_asked_about_first(bench: Bench) -> None:
    card = bench.point()
    fields = {"name": "Дом", "place": "", "system": "heat", "number": "777"}
    page = bench.post(f"/points/{card.id}", 409, **fields)
    assert "файл с другим номером не будет принят" in page
    assert bench.store.point(card.id).number == "101"  # type: ignore[union-attr]
    bench.post(f"/points/{card.id}", confirm="1", **fields)
    assert bench.store.point(card.id).number == "777"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("/points/new", {"name": "", "number": "1"}, "Введите наименование."),
        ("/points/new", {"name": "x", "number": ""}, "Введите номер точки."),
        ("/points/new", {"name": "x", "number": "101"}, "Этот номер уже у другой точки учёта."),
        ("/points/{id}?tab=meter", {"model": "toaster"}, "Выберите модель."),
        (
            "/points/{id}?tab=meter",
            {"model": "spt943", "timeout_ms": "soon"},
            "Введите целое число от 100 до 60000.",
        ),
        (
            "/points/{id}?tab=cells",
            {"supply": "0", "return_": "2", "heat_input": "1"},
            "Введите целое число от 1 до 9.",
        ),
        ("/points/{id}/poll", {"from": "", "to": "2026-10-01", "kinds": "hour"}, "Введите дату."),
        (
            "/points/{id}/poll",
            {"from": "2026-10-02", "to": "2026-10-01", "kinds": "hour"},
            "Период кончается раньше",
        ),
        (
            "/points/{id}/poll",
            {"from": "2001-10-02", "to": "2026-10-01", "kinds": "hour"},
            "Период длиннее трёх лет.",
        ),
        (
            "/points/{id}/poll",
            {"from": "2026-10-01", "to": "2026-10-01", "kinds": "week"},
            "Выберите хотя бы один",
        ),
        ("/parameters", {"tcp_port": "99999"}, "Введите целое число от 1 до 65535."),
        ("/parameters", {"tcp_port": "1", "folder": "/proc/nowhere"}, "Папкой нельзя воспользоваться"),
    ],
)
def test_a_wrong_form_is_answered_beside_its_field(
    bench: Bench, path: str, data: dict[str, str], sentence: str
) -> None:
    card = bench.point()
    page = bench.post(path.format(id=card.id), 422, **data)
    assert sentence in page
    assert 'aria-invalid="true"' in page or "kinds" in data
    assert bench.store.point(card.id) == card


def test_settings_of_another_reader_come_without_their_passwords(bench: Bench) -> None:
    page = bench.post("/bring-in", file=(_file(SETTINGS), "UniversalReader-Settings.xml"))
    assert "Загружено точек учёта: 2, уже было: 0." in page
    assert "Паролей отброшено: 1." in page and "502" in page
    first, second = bench.store.points()
    assert (first.model, first.serial, first.baud, first.flow, first.heat_input) == (
        "multical601", "00000007", 1200, "rtscts", 2,
    )  # fmt: skip
    assert first.password == "" and second.model == "" and bench.store.parameters.serial_port == "COM7"
    assert "geheim" not in bench.store.path.read_text()
    again = bench.post("/bring-in", file=(_file(SETTINGS), "s.xml"), keep_passwords="1")
    assert "Загружено точек учёта: 0, уже было: 2." in again and len(bench.store.points()) == 2


def test_passwords_are_kept_when_asked_and_never_shown(bench: Bench) -> None:
    bench.post("/bring-in", file=(_file(SETTINGS), "s.xml"), keep_passwords="1")
    card = bench.store.points()[0]
    assert card.password == "geheim"
    for path in ("/", f"/points/{card.id}?tab=meter", "/parameters"):
        assert "geheim" not in bench.get(path)
    bench.post(f"/points/{card.id}?tab=meter", model="multical601", password="")
    assert bench.store.point(card.id).password == "geheim"  # type: ignore[union-attr]
    bench.post(f"/points/{card.id}?tab=meter", model="multical601", forget_password="1")
    assert bench.store.point(card.id).password == ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Это не файл XML."), ("not xml", "Это не файл XML."), ("<lersData/>", "В файле нет настроек пульта."),
        ('<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><settings>&a;</settings>', "Это не файл XML."),
    ],
)  # fmt: skip
def test_what_is_no_settings_file_is_refused(bench: Bench, content: str, sentence: str) -> None:
    assert sentence in bench.post("/bring-in", 422, file=(_file(content), "s.xml"))
    assert not bench.store.points()
    assert "Выберите файл." in bench.post("/bring-in", 422)


def _file(text: str) -> Any:
    import io

    return io.BytesIO(text.encode())


def test_a_poll_is_stopped_by_its_button_and_one_runs_at_a_time(bench: Bench) -> None:
    card, other = bench.point(), bench.point("spt943", number="202")
    bench.gate = threading.Event()
    period = {"from": "2026-10-01", "to": "2026-10-31", "kinds": "hour"}
    page = bench.post(f"/points/{card.id}/poll", **period)
    assert "Идёт опрос." in page and 'http-equiv="refresh"' in page
    assert "Идёт другой опрос" in bench.post(f"/points/{other.id}/poll", 422, **period)
    bench.post(f"/points/{card.id}/poll/stop")
    bench.gate.set()
    bench.finish()
    page = bench.get(f"/points/{card.id}/poll")
    assert "Ничего не считано. Опрос остановлен." in page and 'http-equiv="refresh"' not in page


def test_a_silent_meter_is_said_and_its_journal_can_be_saved_and_cleared(bench: Bench) -> None:
    card = bench.point()
    bench.line = {"fault": "silent", "every": 1}
    page = bench.poll(card, "day")
    assert "Ничего не считано. Прибор не отвечает." in page
    journal = bench.client.get(f"/points/{card.id}/journal.txt")
    assert "80 3F 01 05 8A 0D" in journal.text and "attachment" in journal.headers["Content-Disposition"]
    report = bench.client.post(f"/points/{card.id}/report", data={"token": "x"})
    assert report.status_code == 403
    assert "80 3F 01 05 8A 0D" in bench.post(f"/points/{card.id}/report", words="не читает")
    assert "Журнал пуст." in bench.post(f"/points/{card.id}/journal/clear")


def test_a_port_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.polls.connect = bench.polls._connect
    card = bench.point()
    assert "В параметрах не задан последовательный порт." in bench.poll(card, "day")
    bench.post("/parameters", serial_port="/dev/nothing", tcp_port="10000")
    page = bench.poll(card, "day")
    assert "cannot open /dev/nothing" in page and "Traceback" not in page


def test_removing_a_point_asks_and_keeps_its_files(bench: Bench) -> None:
    card = bench.point()
    bench.poll(card, "day")
    assert card.name in bench.get(f"/points/{card.id}/remove")
    bench.post(f"/points/{card.id}/remove")
    assert not bench.store.points() and list(bench.store.folder.glob("*.xml"))


@pytest.mark.parametrize("language", ["ru", "fr", "en"])
def test_every_page_speaks_the_readers_language(bench: Bench, language: str) -> None:
    card = bench.point()
    bench.poll(card, "day")
    bench.post("/language", language=language)
    page = "".join(
        bench.get(path)
        for path in (
            "/",
            f"/points/{card.id}",
            f"/points/{card.id}?tab=meter",
            f"/points/{card.id}?tab=cells",
            f"/points/{card.id}/poll",
            f"/points/{card.id}/last",
            "/files",
            "/parameters",
            "/box",
            f"/points/{card.id}/report",
            f"/points/{card.id}/remove",
            "/points/new",
        )
    )
    others = {"ru": "Point number", "fr": "Номер точки", "en": "Numéro du point"}
    assert texts.sayer(language)("Point number") in page and others[language] not in page


def test_every_text_of_the_pages_has_its_translations() -> None:
    """`say("…")` in templates and code, and the words of the tables that are said through it."""
    root = Path(forms.__file__).parent
    said: set[str] = set()
    for path in [*root.glob("*.py"), *root.glob("templates/*.html")]:
        said |= set(re.findall(r"""say\(\s*"([^"]+)\"""", path.read_text(encoding="utf-8")))
    said |= (
        set(forms.FLOWS.values())
        | set(forms.THEMES.values())
        | {label for label, _values in forms.OPTIONS.values()}
    )
    said |= set(box.SENTENCES.values()) | {info.note for info in models().values() if info.note}
    poll = root.parent / "field" / "poll.py"
    said |= set(
        re.findall(r"""journal\.(?:say|warn|fail)\(\s*"([^"]+)\"""", poll.read_text(encoding="utf-8"))
    )
    assert said - texts.TEXTS.keys() == set()
    assert all(french and russian for french, russian in texts.TEXTS.values())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 404),
        ({"Host": "127.0.0.1.evil.example"}, 404),
        ({"Host": "127.0.0.1:8480"}, 200),
    ],
)
def test_only_this_machines_name_is_answered(bench: Bench, headers: dict[str, str], status: int) -> None:
    assert bench.client.get("/", headers=headers).status_code == status


def test_a_form_of_another_page_is_refused(bench: Bench) -> None:
    card = bench.point()
    for data, headers in (
        ({}, {}), ({"token": "0" * 64}, {}), ({"token": "x"}, {"Origin": "https://evil.example"}),
    ):  # fmt: skip
        response = bench.client.post(f"/points/{card.id}/remove", data=data, headers=headers)
        assert response.status_code in (403, 404)
    assert bench.store.point(card.id) is not None


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "..", "console.json", "%2fetc%2fpasswd", "a.xml"])
def test_no_other_file_is_given_away(bench: Bench, name: str) -> None:
    assert bench.client.get(f"/files/{name}").status_code == 404


def test_headers_close_the_page(bench: Bench) -> None:
    response = bench.client.get("/")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "HttpOnly" in bench.client.get("/", headers={"Cookie": ""}).headers.get("Set-Cookie", "HttpOnly")


def test_a_name_is_text_and_a_broken_store_is_kept(bench: Bench) -> None:
    bench.post("/points/new", name="<script>alert(1)</script>", place="", number="1", system="heat")
    assert "<script>" not in bench.get("/")
    bench.store.path.write_text("{broken")
    fresh = Store(bench.store.directory)
    assert fresh.points() == [] and list(bench.store.directory.glob("console.json.broken-*"))
