"""Telegrams of real meters, record by record.

`libmbus/frames.txt` holds test frames of libmbus (its licence lies beside them). `libmbus/expected.txt` is what
this decoder makes of them, compared by machine with libmbus 0.9, pymbusparser 0.5.3 and pymeterbus 0.8.5; where
one of them differs, test_mbus_judgements.py says who is right and why. A change of the decoder must not change a
line there unless the line was wrong; `python -m tests.gateway_sim.test_mbus_libmbus_frames` writes it anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway_sim.mbus.decode import decode_frame
from gateway_sim.mbus.jsonform import telegrams_form

pytestmark = pytest.mark.pure

HERE = Path(__file__).parent / "libmbus"


def frames() -> dict[str, bytes]:
    lines = (HERE / "frames.txt").read_text("ascii").splitlines()
    return {name: bytes.fromhex(text) for name, text in (line.split() for line in lines)}


def shown(raw: bytes) -> list[str]:
    """One line for the header, one for each record; None is a dash, text stands in quotation marks."""
    form: dict[str, Any] = telegrams_form([decode_frame(raw)])
    head = " ".join("-" if value is None else str(value) for value in form["header"].values())
    lines = [head + (" more" if form["more_follows"] else "")]
    for record in form["records"]:
        *place, quantity, unit, value, flags = record.values()
        told = "-" if value is None else repr(value)
        words = (*map(str, place), quantity, told, unit and f"[{unit}]", *flags)
        lines.append(" ".join(filter(None, words)))
    return lines


def sections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (HERE / "expected.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            lines = found.setdefault(line[2:], [])
        else:
            lines.append(line)
    return found


FRAMES = frames()


@pytest.mark.parametrize("name", FRAMES)
def test_frame(name: str) -> None:
    assert shown(FRAMES[name]) == sections()[name]


def test_every_frame_is_expected() -> None:
    assert list(sections()) == list(FRAMES)
    assert sum(len(lines) - 1 for lines in sections().values()) == 568


if __name__ == "__main__":
    text = "".join(
        f"# {name}\n" + "".join(line + "\n" for line in shown(raw)) for name, raw in FRAMES.items()
    )
    (HERE / "expected.txt").write_text(text, "utf-8")
