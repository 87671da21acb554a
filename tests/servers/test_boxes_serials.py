"""Serial numbers as people type them."""

from __future__ import annotations

import pytest

from servers.publication_document import read_document
from servers.rates import max_per_hour
from servers.serials import SerialFault, serial_grouped, serial_parse

pytestmark = pytest.mark.pure
SERIAL = "WGQV2LWVM2WFKXM3FBN99167"


@pytest.mark.parametrize(
    "typed",
    [
        SERIAL,
        "WGQV-2LWV-M2WF-KXM3-FBN9-9167",
        " wgqv 2lwv m2wf kxm3 fbn9 9167\t",
        "wgqv–2lwv—m2wf‑kxm3-fbn9-9167",
        "ＷＧＱＶ-2LWV-M2WF-KXM3-FBN9-9167",
    ],
)
def test_dashes_spaces_and_case_do_not_matter(typed: str) -> None:
    assert serial_parse(typed) == SERIAL
    assert serial_grouped(serial_parse(typed)) == "WGQV-2LWV-M2WF-KXM3-FBN9-9167"


@pytest.mark.parametrize(
    ("typed", "code", "found"),
    [
        ("O" + SERIAL[1:], "letter_o", ""),
        ("o" + SERIAL[1:], "letter_o", ""),
        ("О" + SERIAL[1:], "letter_o", ""),  # Cyrillic
        ("Ж" + SERIAL[1:], "characters", "Ж"),
        ("_" + SERIAL[1:], "characters", "_"),
        (SERIAL[1:], "length", "23"),
        (SERIAL + "A", "length", "25"),
        ("", "length", "0"),
    ],
)
def test_what_is_no_serial_says_why(typed: str, code: str, found: str) -> None:
    with pytest.raises(SerialFault) as refused:
        serial_parse(typed)
    assert (refused.value.code, refused.value.found) == (code, found)


@pytest.mark.parametrize(
    ("medium", "unit", "exponent", "steps"),
    [
        ("heat", "kWh", -3, 1_000_000),
        ("electricity", "Wh", 0, 1_000_000),
        ("heat", "MWh", 0, 1),
        ("heat", "GJ", 0, 4),  # 3.6 rounded up
        ("heat", "Gcal", -3, 860),
        ("gas", "m3", -3, 100_000),
        ("cold_water", "l", 0, 50_000),
        ("hot_water", "m3", -1, 500),
        ("heat", "kWh", 9, 1),
        ("temperature", "C", -1, None),
    ],
)
def test_the_fastest_a_register_counts(medium: str, unit: str, exponent: int, steps: int | None) -> None:
    assert max_per_hour(medium=medium, unit=unit, exponent=exponent) == steps


@pytest.mark.parametrize(
    ("value", "good"),
    [("62.5", True), (62, True), (62.5, True), ("1_0", False), ("nan", False), ("-1", False), ("0", False),
     ("1e3", False), ("٣", False), (True, False), ("", False), ("100001", False)],
)  # fmt: skip
def test_numbers_are_read_by_pattern(value: object, good: bool) -> None:
    dwelling = {"ref": "1", "name": "1", "area": value}
    data = {"buildings": [{"ref": "A", "name": "A", "dwellings": [dwelling]}], "meters": []}
    document, faults = read_document(data)
    assert (document is not None) == good
    assert [fault.path for fault in faults] == ([] if good else ["buildings[0].dwellings[0].area"])


@pytest.mark.parametrize("ref", ["", " ", " a", "a ", "a\n", "x" * 65, "\x00", 5, None])
def test_a_ref_is_a_clean_text(ref: object) -> None:
    document, faults = read_document({"buildings": [{"ref": ref, "name": "A"}], "meters": []})
    assert document is None
    assert [fault.path for fault in faults] == ["buildings[0].ref"]
