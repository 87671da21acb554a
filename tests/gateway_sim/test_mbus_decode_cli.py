"""`decode` as other programs call it."""

from __future__ import annotations

import io
import json

import pytest

from gateway_sim.cli import main
from tests.gateway_sim import mbus_frames as given

pytestmark = pytest.mark.pure


class Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_one_telegram(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "--json", given.HEAT.hex(" ").upper()]) == 0
    form = json.loads(capsys.readouterr().out)
    assert list(form) == ["header", "records", "more_follows"]
    assert list(form["header"]) == ["id", "manufacturer", "version", "medium", "access_number", "status"]
    assert form["records"][2] == {
        "function": "instantaneous", "storage": 0, "tariff": 0, "subunit": 0, "quantity": "energy", "unit": "Wh",
        "value": "1234567000", "flags": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (given.HEAT.hex()[:-2], "length"),
        (given.HEAT.hex()[:-2] + "17", "stop"),
        ("zz", "hex"),
        ("", "empty"),
        ("e5", "no_data"),
    ],
)
def test_broken_telegram(text: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "--json", text]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"decode: {word}: ")
    assert err.count("\n") == 1


def test_stream(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    more = given.ELECTRICITY.hex()
    lines = [
        given.HEAT.hex().encode(),
        b"",
        b"68 03",
        b"\xff\xfe",
        f"{more}, {given.WATER.hex(' ')}".encode(),
        b"1,2",
    ]
    monkeypatch.setattr("sys.stdin", Stdin(b"\n".join(lines) + b"\r\n"))
    assert main(["decode", "--json", "-"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [a.get("error") for a in answers] == [None, "length", "hex", None, "hex"]
    assert set(answers[1]) == {"error", "message"}
    # One answer over two telegrams: records of both, "more follows" of the last.
    assert len(answers[3]["records"]) == 11 + 3
    assert answers[3]["more_follows"] is False


def test_readable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", given.ELECTRICITY.hex()]) == 0
    out = capsys.readouterr().out
    assert "230.1 V  [phase_l1]" in out
    assert out.rstrip().endswith("more follows")
