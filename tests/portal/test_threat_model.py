"""docs/threat-model.md names tests that are there: a proof that was renamed or deleted is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = {int(m[1]): m[0] for m in re.finditer(r"^\| (\d+) \|.*$", TEXT, re.MULTILINE)}


def test_every_threat_has_its_row() -> None:
    assert sorted(ROWS) == list(range(1, 49))


def faults_of(row: str) -> list[str]:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
    if not named and "*not there*" not in row:
        return ["neither a test nor a reason"]
    found = []
    for path, name in named:
        file = ROOT / path
        if not file.is_file():
            found.append(f"no file {path}")
        elif name and not re.search(
            rf"^\s*(async )?def {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found.append(f"no test {name} in {path}")
    return found


def test_every_proof_is_there() -> None:
    assert {number: faults for number, row in ROWS.items() if (faults := faults_of(row))} == {}


def test_a_proof_that_is_gone_is_seen() -> None:
    assert faults_of("| 1 | `tests/portal/test_gone.py::test_x` |") == ["no file tests/portal/test_gone.py"]
    assert faults_of("| 1 | `tests/portal/test_settings.py::test_x` |") == [
        "no test test_x in tests/portal/test_settings.py"
    ]
    assert faults_of("| 1 | somewhere |") == ["neither a test nor a reason"]


def test_every_place_is_there() -> None:
    """The files of *kept in*, too."""
    places = set(re.findall(r"`((?:accounts|servers|readings|tariffs|portal|gateway_sim)/[\w/]+\.py)`", TEXT))
    assert [place for place in sorted(places) if not (ROOT / place).is_file()] == []
