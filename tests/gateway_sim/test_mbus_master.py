"""The master against the simulated bus: each fault, and beside it the proof that the fault does something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway_sim.mbus.errors import AddressError, BusError, MBusError
from gateway_sim.mbus.frames import ADDRESS_SELECTED, short_frame
from gateway_sim.simulator.meter import Answer, Faults
from gateway_sim.simulator.ports import VirtualTransport
from tests.gateway_sim.mbus_bus import litres, master_of, meter

pytestmark = pytest.mark.pure


def failure(master_arguments: dict[str, int], faults: Faults, telegrams: int = 1) -> str:
    with pytest.raises(MBusError) as caught:
        master_of(meter(1, faults=faults, telegrams=telegrams), **master_arguments).read("1")
    return caught.value.code


@pytest.mark.parametrize("address", ["1", "12345678", "12345678.TST.01.07", "1234FFFF", "12345678.FFF.FF.07"])
def test_read(address: str) -> None:
    telegrams = master_of(meter(1), meter(2, "87654321")).read(address)
    assert telegrams[0].header.secondary == "12345678.TST.01.07"
    assert litres(telegrams) == [1]


@pytest.mark.parametrize("address", ["1", "12345678"])
def test_multi_telegram_answer_and_again(address: str) -> None:
    master = master_of(meter(1, telegrams=4))
    for _ in range(2):
        telegrams = master.read(address)
        assert litres(telegrams) == [1, 2, 3, 4]
        assert [t.more_follows for t in telegrams] == [True, True, True, False]


def test_frame_count_bit_alternates_only_after_a_good_answer() -> None:
    master = master_of(meter(1, telegrams=3, faults=Faults(bad_checksum=1)))
    assert litres(master.read("1")) == [1, 2, 3]
    transport = master.transport
    assert isinstance(transport, VirtualTransport)
    requests = [frame for frame in transport.sent if frame[1] & 0x0F == 0x0B]
    assert requests == [short_frame(c, 1) for c in (0x7B, 0x7B, 0x5B, 0x7B)]


HEALING = {
    "dropped": Faults(drop_first=2),
    "bad checksum": Faults(bad_checksum=1),
    "cut": Faults(truncate=1),
    "late": Faults(delay=0.9, delay_first=2),
    "other meter": Faults(wrong_identity=1),
}
CODES = {
    "dropped": "no_answer",
    "bad checksum": "bad_answer",
    "cut": "bad_answer",
    "late": "bad_answer",  # the late acknowledgement arrives where a telegram is due
    "other meter": "wrong_meter",
}


@pytest.mark.parametrize("fault", HEALING)
@pytest.mark.parametrize("telegrams", [1, 3])
def test_faults_that_pass_are_outlived(fault: str, telegrams: int) -> None:
    master = master_of(meter(1, faults=replace(HEALING[fault]), telegrams=telegrams))
    assert litres(master.read("1")) == list(range(1, telegrams + 1))


@pytest.mark.parametrize("fault", HEALING)
def test_the_same_faults_are_fatal_without_retries(fault: str) -> None:
    assert failure({"retries": 0}, replace(HEALING[fault])) == CODES[fault]


def test_a_late_answer_is_not_taken_for_the_next_telegram() -> None:
    """The first answer comes after its request was given up: it then meets the repeat, and the repeat's own
    answer meets the request for the second telegram."""
    for delay in (0.5, 0.85, 1.0, 1.3, 1.7, 2.2, 3.0):
        slow = meter(1, telegrams=3, faults=Faults(delay=delay, delay_first=3))
        assert litres(master_of(slow).read("1")) == [1, 2, 3], delay


def test_a_late_answer_of_another_meter_is_not_taken_for_this_one() -> None:
    late = meter(1, "11111111", faults=Faults(delay=1.0))
    master = master_of(late, meter(2, "22222222"), retries=0)
    with pytest.raises(BusError):
        master.read("1")
    for address, ident in (("2", "22222222"), ("22222222", "22222222")):
        assert master.read(address)[0].header.id == ident


def test_noise_before_the_answer() -> None:
    for noise in (b"\x00\xff", b"\x68\x68", b"\x10", b"\x68\x05\x05\x68\x01"):
        assert litres(master_of(meter(1, faults=Faults(noise=noise)), retries=0).read("1")) == [1]


def test_noise_alone_is_no_answer_and_ends_in_time() -> None:
    master = master_of(meter(1, faults=Faults(noise=b"\x68\xff\xff\x68" * 40, truncate=100)), retries=0)
    transport = master.transport
    with pytest.raises(BusError) as caught:
        master.read("1")
    assert caught.value.code == "bad_answer"
    assert transport.now() < 10


def test_a_byte_e5_in_a_broken_telegram_is_no_acknowledgement() -> None:
    broken = meter(1)
    broken.answer = lambda frame: Answer(0.0, b"\x68\x20\x20\x68" + b"\x01\xe5" * 16)  # type: ignore[method-assign]
    with pytest.raises(BusError) as caught:
        master_of(broken, retries=0).reset(1)
    assert caught.value.code == "bad_answer"
    broken.answer = lambda frame: Answer(0.0, b"\x00\xff\xe5")  # type: ignore[method-assign]
    master_of(broken, retries=0).reset(1)  # noise and then an acknowledgement is one


def test_endless_noise_ends_at_the_deadline() -> None:
    class Babble(VirtualTransport):
        def read(self, timeout: float) -> bytes:
            self.clock += 0.01
            return b"\x00\xff"

    master = master_of(meter(1), retries=0)
    master.transport = Babble(master.transport.bus)  # type: ignore[attr-defined]
    with pytest.raises(BusError) as caught:
        master.read("1")
    assert caught.value.code == "bad_answer"
    assert master.transport.now() < 5


def test_echo() -> None:
    master = master_of(meter(1, telegrams=2), echo=True, retries=0)
    assert litres(master.read("1")) == [1, 2]
    assert litres(master.read("12345678")) == [1, 2]
    with pytest.raises(BusError) as caught:
        master.read("9")
    assert caught.value.code == "no_answer"  # our own echo is no answer


@pytest.mark.parametrize("by_the_letter", [False, True])
@pytest.mark.parametrize("address", ["1", "12345678"])
def test_busy_is_waited_for(by_the_letter: bool, address: str) -> None:
    busy = Faults(busy=2, busy_by_the_letter=by_the_letter)
    assert litres(master_of(meter(1, telegrams=3, faults=busy)).read(address)) == [1, 2, 3]


def test_busy_for_ever_is_told() -> None:
    assert failure({}, Faults(busy=1000)) == "busy"


def test_a_meter_that_ignores_the_frame_count_bit_does_not_loop() -> None:
    telegrams = master_of(meter(1, telegrams=3, faults=Faults(stuck_fcb=True))).read("1")
    assert litres(telegrams) == [1]
    assert telegrams[-1].more_follows  # so the caller knows that parts are missing


def test_collision_on_a_primary_address() -> None:
    master = master_of(meter(5, "11111111"), meter(5, "22222222"))
    with pytest.raises(BusError) as caught:
        master.read("5")
    assert caught.value.code == "bad_answer"


def test_no_meter() -> None:
    with pytest.raises(BusError) as caught:
        master_of(meter(1)).read("2")
    assert caught.value.code == "no_answer"


@pytest.mark.parametrize(
    "address", ["", "251", "1234567", "12345678.KAM", "12345678.kam.0G.04", "x", "12345678.TST.1FF.07"]
)
def test_bad_addresses(address: str) -> None:
    with pytest.raises(AddressError):
        master_of(meter(1)).read(address)


def test_baud_switch_and_the_way_back() -> None:
    master = master_of(meter(1), check_baud=True)
    master.switch_baud(1, 9600)
    assert master.transport.baud == 9600
    assert litres(master.read("1")) == [1]
    master.transport.set_baud(2400)
    with pytest.raises(BusError):
        master.read("1")  # the meter now hears garbage: the simulated rate matters
    silent = meter(2, faults=Faults())
    master = master_of(silent, check_baud=True, retries=0)
    silent.faults.drop_first = 0
    original = silent.answer
    silent.answer = lambda frame: original(frame) if frame.ci is not None else None  # type: ignore[method-assign]
    with pytest.raises(BusError):
        master.switch_baud(2, 300)
    assert master.transport.baud == 2400


def test_deselected_meters_do_not_answer() -> None:
    master = master_of(meter(1))
    master.read("12345678")
    master.deselect()
    with pytest.raises(BusError):
        master.probe(ADDRESS_SELECTED)
