"""Hostile and broken files: each is refused with its own code, quickly, in bounded memory, quoting nothing."""

from __future__ import annotations

import resource
import socket
import time

import pytest

from testkit.lers_attacks import CANARY, Attack, attacks

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("attack", list(attacks()), ids=lambda attack: attack.name)
def test_refused_with_its_own_code(attack: Attack, refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the reader opened a connection")

    content = attack.make()
    monkeypatch.setattr(socket, "socket", no_network)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    refusal = refused(content)
    took = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert refusal.code == attack.code
    assert CANARY not in repr((refusal.args, refusal.data))
    assert refusal.__cause__ is None
    assert refusal.__suppress_context__ or refusal.__context__ is None  # no parser text in a logged traceback
    assert took < 8  # of the processor's time: a loaded machine is no attack
    assert grown < 64


def test_names_are_unique() -> None:
    names = [attack.name for attack in attacks()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("cut", range(20, 1200, 61))
def test_every_truncation_is_refused(cut: int, refused) -> None:
    from testkit.lers_attacks import GOOD

    assert refused(GOOD[: min(cut, len(GOOD) - 1)]).code in ("broken_xml", "limit")


def test_the_line_of_a_break_counts_lines_that_the_fast_path_read(refused) -> None:
    rows = "\n".join(f'<r dateTime="2026-01-{d:02}T00:00:00" T_in="1"/>' for d in range(1, 29))
    refusal = refused(f'<?xml version="1.0"?>\n<x>\n<day>\n{rows}\n</dya></x>')
    assert (refusal.code, refusal.line) == ("broken_xml", 32)


def test_record_and_series_caps(refused) -> None:
    from readings.lers import Limits
    from testkit.lers_attacks import GOOD

    assert refused(GOOD, limits=Limits(records=5)).code == "too_many_records"
    many = (
        "<x>" + "".join(f'<p><day><r dateTime="2026-01-01" T_in="{n}"/></day></p>' for n in range(9)) + "</x>"
    )
    assert refused(many, limits=Limits(series=5)).code == "too_many_series"
    assert refused(GOOD, limits=Limits(unpacked=500)).code == "too_large"


def test_an_own_password_is_never_kept(refused) -> None:
    refusal = refused(
        "<settings><listenPort>1</listenPort><measurePoint><syncNumber>7</syncNumber><systemType>2</systemType>"
        f"<password>{CANARY}</password><counterSerialNumber>55</counterSerialNumber></measurePoint></settings>"
    )
    assert refusal.code == "settings_file"
    (point,) = refusal.data["points"]
    assert (point.number, point.serial, point.system) == ("7", "55", "HotWater")
    assert CANARY not in repr(refusal.data)
