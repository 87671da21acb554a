"""Spool to portal: one batch at a time, and what each answer means for the rows.

| answer | rows |
|---|---|
| 200 that names exactly the rows | accepted, duplicate, corrected leave; rejected become dead letters |
| 413, or 400 with the portal's own error body | the batch is halved; one row alone becomes a dead letter, |
| | for 400 only when it is said three times: a body cut on its way is a 400 as well |
| 422 | same rows, new uuid |
| 415 | same batch, not zipped |
| 429, 503 | kept; not before Retry-After |
| 401, 403, 409 | kept; the server is not let in now, reading goes on |
| anything else, no answer | kept; sent again later |
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from dataclasses import dataclass

from gateway_sim.agent.client import Answer, PortalClient, PortalError
from gateway_sim.agent.spool import BATCH_ROWS, SETTLED, Batch, Result, Spool, SpoolError

MALFORMED_TIMES = 3


class Outcome(enum.Enum):
    EMPTY = "nothing waits"
    DELIVERED = "delivered"
    AGAIN = "to be sent again at once in another form"
    BUSY = "the portal is busy"
    REFUSED = "the portal does not let this server in"
    FAILED = "no answer that could be used"


@dataclass(frozen=True)
class Sent:
    outcome: Outcome
    rows: int = 0
    rejected: int = 0
    retry_after: float | None = None
    message: str = ""


class Backoff:
    """Exponential with full jitter (0 … cap), so that a hundred gateways do not come back together."""

    def __init__(
        self, *, base: float = 1.0, cap: float = 300.0, rand: Callable[[], float] = random.random
    ) -> None:
        self.base = base
        self.cap = cap
        self.failures = 0
        self._rand = rand

    def reset(self) -> None:
        self.failures = 0

    def next(self, at_least: float | None = None) -> float:
        """Seconds to wait. `at_least` is the portal's Retry-After, capped at an hour; jitter comes on top."""
        ceiling = min(self.cap, self.base * float(1 << min(self.failures, 20)))
        self.failures += 1
        return min(at_least or 0.0, 3600.0) + ceiling * self._rand()


class Deliverer:
    def __init__(self, spool: Spool, client: PortalClient, *, rows: int = BATCH_ROWS) -> None:
        self.spool = spool
        self.client = client
        self._most = rows
        self._rows = rows
        self._zipped = True
        self._malformed = ("", 0)  # how often in a row a batch of one row got a 400

    def send_one(self) -> Sent:
        """Send the batch on its way, or the next one. Never raises for what portal, net or disk do."""
        try:
            batch = self.spool.batch(self._rows)
            if batch is None:
                return Sent(Outcome.EMPTY)
            try:
                answer = self.client.request("POST", "/api/v1/readings", batch.body(), zipped=self._zipped)
            except PortalError as error:
                return Sent(Outcome.FAILED, message=str(error))
            return self._take(batch, answer)
        except SpoolError as error:
            return Sent(Outcome.FAILED, message=f"{error}")

    def _take(self, batch: Batch, answer: Answer) -> Sent:
        status = answer.status
        if status == 200:
            results = parse_results(batch, answer.data)
            if results is None:
                return Sent(
                    Outcome.FAILED, message="The portal's answer does not fit the batch; all is kept."
                )
            done, rejected = self.spool.settle(batch.uuid, results)
            self._rows = min(self._most, self._rows * 2)
            return Sent(Outcome.DELIVERED, done, rejected)
        if status == 413 or (status == 400 and answer.code):
            if status == 400 and len(batch.rows) == 1 and not self._sure(batch):
                return Sent(Outcome.FAILED, message=f"The portal cannot read a reading: {answer.message}")
            code = "too_large" if status == 413 else answer.code
            self._rows = max(1, self.spool.halve(batch.uuid, code))
            return Sent(Outcome.AGAIN, message=f"The portal cannot take the batch ({status}); it is halved.")
        if status == 422 and answer.code:
            self.spool.renew(batch.uuid)
            return Sent(
                Outcome.AGAIN, message="The portal knows the batch's uuid otherwise; it gets a new one."
            )
        if status == 415 and self._zipped:
            self._zipped = False
            return Sent(Outcome.AGAIN, message="The portal does not take zipped bodies.")
        if status in (429, 503):
            return Sent(
                Outcome.BUSY, retry_after=answer.retry_after, message=f"The portal is busy ({status})."
            )
        if status in (401, 403, 409):
            text = answer.message or "no reason given"
            return Sent(Outcome.REFUSED, message=f"The portal does not let this server in ({status}): {text}")
        return Sent(Outcome.FAILED, message=f"The portal answered {status}, which says nothing; all is kept.")

    def _sure(self, batch: Batch) -> bool:
        uuid, times = self._malformed
        times = times + 1 if uuid == batch.uuid else 1
        self._malformed = (batch.uuid, times)
        return times >= MALFORMED_TIMES


def parse_results(batch: Batch, data: object) -> dict[int, Result] | None:
    """The results by seq, or None unless there is exactly one known word for each row of the batch."""
    items = data.get("results") if isinstance(data, dict) else None
    if not isinstance(items, list) or len(items) != len(batch.rows):
        return None
    results: dict[int, Result] = {}
    for item in items:
        if not isinstance(item, dict):
            return None
        seq, status, code = item.get("seq"), item.get("status"), item.get("code")
        if not isinstance(seq, int) or isinstance(seq, bool) or seq in results:
            return None
        if status not in SETTLED and status != "rejected":
            return None
        results[seq] = Result(seq, status, code if isinstance(code, str) else "")
    return results if results.keys() == {row.seq for row in batch.rows} else None
