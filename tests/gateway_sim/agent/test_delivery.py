"""What each answer of the portal does to the rows of the spool, over real sockets."""

from __future__ import annotations

import pytest

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.delivery import Backoff, Deliverer, Outcome
from tests.gateway_sim.agent.portal_double import TOKEN

pytestmark = pytest.mark.pure

# Nothing of these may take a row out of the spool.
BAD_ANSWERS = [
    "502", "500", "507", "garbage", "list", "html200", "html400", "302", "401", "409", "429", "503", "hang_up",
    "cut_answer", "drop_answer", "missing_row", "foreign_row", "unknown_word",
]  # fmt: skip


def drain(deliverer: Deliverer, most: int = 200) -> Outcome:
    for _ in range(most):
        outcome = deliverer.send_one().outcome
        if outcome is Outcome.EMPTY:
            return outcome
    return outcome


def test_rows_arrive_and_leave_the_spool(portal, spool, deliverer, fill):
    truth = fill(spool, 30)
    sent = deliverer.send_one()
    assert (sent.outcome, sent.rows, sent.rejected) == (Outcome.DELIVERED, 30, 0)
    assert portal.stored == truth
    assert spool.facts().pending == 0
    assert deliverer.send_one().outcome is Outcome.EMPTY


@pytest.mark.parametrize("fault", BAD_ANSWERS)
def test_a_bad_answer_takes_no_row_out_and_the_rows_arrive_once_after_it(
    portal, spool, deliverer, fill, fault
):
    truth = fill(spool, 20)
    portal.faults = [fault]
    first = deliverer.send_one()
    assert first.outcome not in (Outcome.DELIVERED, Outcome.EMPTY)
    assert first.message
    assert (spool.facts().pending, spool.facts().dead) == (20, 0)
    assert deliverer.send_one().outcome is Outcome.DELIVERED
    assert portal.stored == truth
    assert (spool.facts().pending, spool.facts().dead) == (0, 0)


def test_an_unanswered_batch_keeps_its_uuid_and_rows_over_a_restart(portal, spool, deliverer, fill):
    fill(spool, 7)
    portal.faults = ["drop_answer"]
    deliverer.send_one()
    fill(spool, 5, first=7)
    spool.close()  # the next call opens the file anew, as a restart does
    deliverer.send_one()
    first, second = portal.bodies
    assert first == second
    assert len(first["items"]) == 7
    assert portal.requests[0] == portal.requests[1] == ("POST", "/api/v1/readings")


def test_lost_answers_again_and_again_store_each_reading_once(portal, spool, deliverer, fill):
    truth = {}
    for n in range(60):
        truth |= fill(spool, 3, first=3 * n)
        portal.faults = ["drop_answer"] * (n % 3) + ["cut_answer"] * (n % 2)
        while deliverer.send_one().outcome is Outcome.FAILED:
            pass
    assert portal.stored == truth
    assert len(portal.batches) == 60


def test_a_request_delivered_twice_is_stored_once(portal, spool, deliverer, fill):
    truth = fill(spool, 10)
    portal.faults = ["twice"]
    assert deliverer.send_one().rows == 10
    assert portal.stored == truth


def test_busy_answers_hand_on_the_portals_wish(portal, spool, deliverer, fill):
    fill(spool, 1)
    portal.faults = ["429", "503"]
    assert [deliverer.send_one().retry_after for _ in range(3)] == [7.0, 120.0, None]


def test_413_halves_until_it_fits_and_grows_again(portal, spool, deliverer, fill):
    truth = fill(spool, 100)
    portal.most_rows = 13
    assert drain(deliverer) is Outcome.EMPTY
    assert portal.stored == truth
    assert spool.facts().dead == 0
    assert (
        max(len(items) for (items,) in [(b["items"],) for b in portal.bodies if len(b["items"]) <= 13]) == 12
    )


def test_one_row_too_large_becomes_a_dead_letter(portal, spool, deliverer, fill):
    fill(spool, 1)
    portal.always = "413"
    deliverer.send_one()
    assert (spool.facts().pending, spool.facts().dead) == (0, 1)
    assert deliverer.send_one().outcome is Outcome.EMPTY


def test_422_gives_the_same_rows_a_new_uuid(portal, spool, deliverer, fill):
    truth = fill(spool, 9)
    before = spool.batch()
    portal.faults = ["422"]
    assert deliverer.send_one().outcome is Outcome.AGAIN
    after = spool.batch()
    assert after.rows == before.rows
    assert after.uuid != before.uuid
    assert deliverer.send_one().outcome is Outcome.DELIVERED
    assert portal.stored == truth


def test_415_sends_plain(portal, spool, deliverer, fill):
    truth = fill(spool, 50)
    portal.faults = ["415"]
    assert [deliverer.send_one().outcome for _ in range(2)] == [Outcome.AGAIN, Outcome.DELIVERED]
    assert portal.stored == truth


@pytest.mark.parametrize("position", range(6))
def test_a_poison_row_is_kept_apart_with_the_portals_code(portal, spool, deliverer, fill, position):
    truth = fill(spool, 6)
    portal.poison = {f"{position}.000"}
    sent = deliverer.send_one()
    assert (sent.rows, sent.rejected) == (5, 1)
    assert portal.stored == {key: value for key, value in truth.items() if value not in portal.poison}
    with spool._read() as db:
        dead = db.execute("SELECT seq, value, code FROM dead").fetchall()
    assert dead == [(position + 1, f"{position}.000", "value_out_of_range")]
    assert deliverer.send_one().outcome is Outcome.EMPTY


def test_a_row_that_makes_the_whole_body_malformed_is_found_by_halving(portal, spool, deliverer, fill):
    truth = fill(spool, 16)
    take = portal.take_readings

    def strict(body):
        if b'"11.000"' in body:
            return 400, {"code": "malformed", "message": "a value"}
        return take(body)

    portal.take_readings = strict
    assert drain(deliverer) is Outcome.EMPTY
    assert portal.stored == {key: value for key, value in truth.items() if value != "11.000"}
    assert spool.facts().dead == 1


def test_a_body_that_was_cut_on_its_way_costs_no_reading(portal, spool, deliverer, fill):
    truth = fill(spool, 1)
    portal.faults = ["400", "400"]
    assert [deliverer.send_one().outcome for _ in range(3)] == [
        Outcome.FAILED,
        Outcome.FAILED,
        Outcome.DELIVERED,
    ]
    assert portal.stored == truth


def test_no_network_keeps_everything(spool, fill):
    fill(spool, 3)
    deliverer = Deliverer(spool, PortalClient("http://127.0.0.1:9", TOKEN, timeout=1))
    sent = deliverer.send_one()
    assert sent.outcome is Outcome.FAILED
    assert "127.0.0.1:9" in sent.message
    assert TOKEN not in sent.message
    assert spool.facts().pending == 3


def test_a_redirect_is_not_followed(portal, spool, deliverer, fill):
    fill(spool, 1)
    portal.faults = ["302"]
    assert deliverer.send_one().outcome is Outcome.FAILED
    assert len(portal.requests) == 1


def test_backoff_grows_to_its_cap_with_full_jitter_and_obeys_the_portal():
    top = Backoff(rand=lambda: 1.0)
    assert [top.next() for _ in range(10)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    top.reset()
    assert top.next() == 1
    assert Backoff(rand=lambda: 0.0).next(at_least=120) == 120
    assert Backoff(rand=lambda: 0.0).next(at_least=10**9) == 3600
    spread = Backoff()
    spread.failures = 30
    assert len({spread.next() for _ in range(50)}) > 40
