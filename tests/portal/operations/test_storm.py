"""The storm of `make soak` in its short form: what was acknowledged is there once, each mail came, totals are right.

The controls, portals with one promise taken away, run in `make soak`; here the reckoning itself has its control.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.soak.ledger import Tally
from benchmarks.soak.storm import storm
from benchmarks.soak.storm.weathers import SHORT
from benchmarks.town.gateways import Ledger

pytestmark = pytest.mark.slow


@pytest.mark.skipif(
    os.environ.get("RELEVE_LANE") != "postgres", reason="needs PostgreSQL and Redis; the other lane"
)
def test_nothing_is_lost_or_doubled_in_a_storm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = Tally()
    reckon = storm._reckon

    def twice(tally: Tally, machine: Any, ledger: Ledger, office: Any) -> None:
        reckon(tally, machine, ledger, office)
        # the control: a reading gone, one changed, one that nobody measured, and a mail under another key
        for sql in (
            "DELETE FROM readings_reading WHERE (register_id, at) = (SELECT register_id, min(at) FROM readings_reading "
            "GROUP BY 1 ORDER BY 1 LIMIT 1)",
            "UPDATE readings_reading SET value = value + 1 WHERE (register_id, at) = (SELECT register_id, max(at) FROM "
            "readings_reading GROUP BY 1 ORDER BY 1 LIMIT 1)",
            "INSERT INTO readings_reading (programme_id, register_id, at, value, source, spool, seq, used, received_at, "
            "marks) SELECT programme_id, register_id, at + 1, value, source, spool, seq, used, "
            "received_at, marks FROM readings_reading ORDER BY register_id DESC LIMIT 1",
        ):
            machine.database.sql(sql)
        office.received[next(iter(office.received))]["another key"] += 1
        storm._readings(spoilt, machine, ledger)
        storm._mails(spoilt, machine, office)

    monkeypatch.setattr(storm, "_reckon", twice)
    tally = storm.run(SHORT, 12, tmp_path)
    assert (tally.lost, tally.duplicated, tally.altered) == (0, 0, 0), tally
    assert tally.injected >= 12
    assert (spoilt.lost, spoilt.duplicated, spoilt.altered) == (1, 1, 2), "the ledger sees each kind of wrong"
