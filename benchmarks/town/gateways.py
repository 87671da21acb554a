"""Gateways that know the truth: what each measured, and what the portal acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from benchmarks.town.http import Answer, NoAnswer, ask

STORED = {"accepted", "duplicate"}
Key = tuple[int, int, int, int]  # gateway, meter, register, epoch second


@dataclass
class Ledger:
    """`begun` is what was ever measured, `acknowledged` what a whole answer of the portal called stored."""

    begun: dict[Key, int] = field(default_factory=dict)
    acknowledged: set[Key] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def heard(self, what: str) -> None:
        self.answers[what] = self.answers.get(what, 0) + 1


@dataclass
class Batch:
    number: int
    keys: list[Key]
    body: dict[str, object]
    tries: int = 0

    def renew(self) -> None:
        """Some agents forget the number of a batch over a restart: the readings' own key has to hold."""
        self.body["batch"] = str(uuid.uuid4())


class Gateway:
    """Measures a batch, sends what waits in any order, and keeps a batch until a whole answer says that it is stored."""

    def __init__(
        self, number: int, token: str, ledger: Ledger, *, meters: int, registers: int = 1, seed: int = 0,
        since: datetime | None = None,
    ) -> None:  # fmt: skip
        self.number, self.token, self.ledger = number, token, ledger
        self.meters, self.registers = meters, registers
        self.rand = random.Random(seed * 100_003 + number)
        self.since = since or datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=20)
        self.spool: list[Batch] = []
        self.done: list[Batch] = []
        self.made = 0

    def measure(self, every: timedelta = timedelta(minutes=13)) -> Batch:
        moment = self.since + every * self.made
        at, text = int(moment.timestamp()), moment.isoformat().replace("+00:00", "Z")
        items, keys = [], []
        for meter in range(self.meters):
            for register in range(self.registers):
                value = 1000 + self.made * (1 + (meter + register) % 7)
                key = (self.number, meter, register, at)
                keys.append(key)
                self.ledger.begun[key] = value
                items.append({
                    "seq": (self.made * self.meters + meter) * self.registers + register, "meter": f"m{meter}",
                    "register": f"r{register}", "taken_at": text, "value": str(value),
                })  # fmt: skip
        batch = Batch(self.made, keys, {"batch": str(uuid.uuid4()), "spool": "1", "items": items})
        self.made += 1
        self.spool.append(batch)
        return batch

    async def send(self, port: int, batch: Batch, *, timeout: float = 30) -> Answer | None:
        """None where no whole answer came."""
        batch.tries += 1
        try:
            answer = await ask(
                port, "POST", "/api/v1/readings", body=json.dumps(batch.body).encode(), timeout=timeout,
                headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            )  # fmt: skip
        except NoAnswer:
            self.ledger.heard("no answer")
            return None
        self.ledger.heard(str(answer.status))
        return answer

    async def live(self, port: int, stopping: asyncio.Event, *, pause: float) -> None:
        """Until `stopping`, and then until the spool is empty."""
        while self.spool or not stopping.is_set():
            if not stopping.is_set() and len(self.spool) < 4:
                self.measure()
            batch = self.rand.choice(self.spool)
            if self.settled(batch, await self.send(port, batch, timeout=8)):
                self.spool.remove(batch)
                self.done = [*self.done[-8:], batch]
                await asyncio.sleep(pause * self.rand.random())
            else:
                if batch.tries > 1 and self.rand.random() < 0.4:
                    batch.renew()
                await asyncio.sleep(0.05 + 0.3 * self.rand.random())
            if (
                self.done and self.rand.random() < 0.15
            ):  # and one from before once more, late and for no reason
                old = self.rand.choice(self.done)
                if self.rand.random() < 0.5:
                    old.renew()
                self.settled(old, await self.send(port, old, timeout=8))

    def settled(self, batch: Batch, answer: Answer | None) -> bool:
        """Whether a whole answer names each reading of the batch as stored."""
        if answer is None or answer.status != 200:
            return False
        try:
            results = json.loads(answer.body)["results"]
            words = [result["status"] for result in results]
        except (ValueError, KeyError, TypeError):
            return False
        if len(words) != len(batch.keys):
            return False
        if not set(words) <= STORED:
            self.ledger.refused += [word for word in words if word not in STORED]
        self.ledger.acknowledged.update(batch.keys)
        return True
