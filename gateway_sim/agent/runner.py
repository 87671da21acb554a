"""The agent at work: a thread a bus that reads, and this one that delivers and keeps in touch.

Reading and delivering know each other only through the spool, so neither a dead bus nor a dead portal stops
the other. Waiting is by the monotonic clock.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway_sim.agent.client import AGENT, PortalClient, PortalError
from gateway_sim.agent.clock import TOLERANCE, Clock, parse_rfc3339, rfc3339
from gateway_sim.agent.commands import CommandDesk, parse_commands
from gateway_sim.agent.delivery import Backoff, Deliverer, Outcome, Sent
from gateway_sim.agent.poller import Notes, Poller, Reader, Round
from gateway_sim.agent.spool import Spool, SpoolError
from gateway_sim.agent.state import StateDir, StateError
from gateway_sim.agent.token import token_rotate
from gateway_sim.site import Bus, Site

HEARTBEAT = 60.0  # seconds, unless the portal says otherwise
SLICE = 20.0  # seconds of delivery after which heartbeat and SIGTERM have their turn
DRAIN = 10.0  # seconds that SIGTERM leaves for a last delivery
TOKEN_AGE = timedelta(days=30)  # then the agent asks for another
AGAIN_AT_ONCE = (
    64  # a batch is halved nine times at most; more than this is a portal that says the same for ever
)


@dataclass
class Report:
    """What `--once` brought."""

    rounds: list[Round] = field(default_factory=list)
    delivered: int = 0
    rejected: int = 0
    last: Sent | None = None
    heartbeat: bool = False

    @property
    def meters(self) -> int:
        return sum(r.meters for r in self.rounds)

    @property
    def answered(self) -> int:
        return sum(r.answered for r in self.rounds)

    @property
    def rows(self) -> int:
        return sum(r.rows for r in self.rounds)


class Agent:
    def __init__(
        self,
        *,
        site: Site,
        state: StateDir,
        spool: Spool,
        client: PortalClient,
        desk: CommandDesk,
        clock: Clock,
        open_bus: Callable[[Bus], Reader],
        write: Callable[[str], None],
        telegrams: bool = False,
    ) -> None:
        """`telegrams`: bring the meters' raw answers along with their readings."""
        self.site = site
        self.state = state
        self.spool = spool
        self.client = client
        self.desk = desk
        self.clock = clock
        self.notes = Notes(write)
        self.deliverer = Deliverer(spool, client)
        self.backoff = Backoff()
        self._stop = threading.Event()
        self._wake = threading.Event()
        # of this start of the agent: a copy of this box would have one of its own, and the portal see two
        self.instance = uuid.uuid4().hex
        self._undated = True  # rows of an earlier boot may wait
        self._status: dict[str, Any] = state.read("status.json") or {}
        self.pollers = [
            Poller(
                bus,
                site.meters_on(name),
                open_bus=open_bus,
                spool=spool,
                clock=clock,
                notes=self.notes,
                stop=self._stop,
                telegrams=telegrams,
            )
            for name, bus in site.buses.items()
            if site.meters_on(name)
        ]

    def stop(self) -> None:
        """End soon; safe in a signal handler."""
        self._stop.set()
        self._wake.set()

    def once(self) -> Report:
        """One round over every bus, everything delivered that can be, one heartbeat."""
        report = Report(heartbeat=self.heartbeat())
        threads = [
            threading.Thread(target=lambda p=poller: report.rounds.append(p.safe_round()))
            for poller in self.pollers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for poller in self.pollers:
            poller.close()
        report.last = self.drain(report=report)
        report.heartbeat = self.heartbeat() or report.heartbeat
        return report

    def run(self, interval: float) -> None:
        """Work until `stop`."""
        beat = self.heartbeat_or_default()
        threads = [
            threading.Thread(target=p.run, args=(interval, self._wake.set), name=p.bus.name, daemon=True)
            for p in self.pollers
        ]
        for thread in threads:
            thread.start()
        mono = self.clock.monotonic
        beat_due = mono() + beat
        send_due = mono()
        while not self._stop.is_set():
            if mono() >= beat_due:
                beat_due = mono() + self.heartbeat_or_default()
                if not self.backoff.failures:
                    send_due = mono()  # rows of a bus whose round takes long go with the beat
            if mono() >= send_due:
                sent = self.drain(limit=SLICE)
                if sent.outcome is Outcome.EMPTY:
                    send_due = float("inf")
                elif sent.outcome is not Outcome.DELIVERED:
                    send_due = mono() + self.backoff.next(sent.retry_after)
            self._wake.wait(max(0.0, min(beat_due, send_due) - mono()))
            if self._wake.is_set():
                self._wake.clear()
                if not self.backoff.failures:
                    send_due = mono()
        for thread in threads:
            thread.join(timeout=DRAIN / 2)
        self.drain(limit=DRAIN)

    # towards the portal

    def drain(self, *, limit: float = float("inf"), report: Report | None = None) -> Sent:
        """Deliver until nothing waits or the portal does not take it; the last answer."""
        self._stamp()
        until = self.clock.monotonic() + limit
        again = 0
        while True:
            sent = self.deliverer.send_one()
            again = again + 1 if sent.outcome is Outcome.AGAIN else 0
            if sent.outcome is Outcome.DELIVERED:
                self.backoff.reset()
                self.notes.over("delivery", "the portal takes readings again")
                if sent.rejected:
                    self.notes.say(
                        "rejected", f"{sent.rejected} readings rejected by the portal: see `status`"
                    )
                self._remember(delivered_at=self._now_text())
                if report is not None:
                    report.delivered += sent.rows
                    report.rejected += sent.rejected
            elif sent.outcome is Outcome.EMPTY:
                self.backoff.reset()
                self.notes.over("delivery")
            elif sent.outcome is not Outcome.AGAIN:
                self.notes.say("delivery", sent.message)
                self._remember(error=sent.message, error_at=self._now_text())
            stopped = self._stop.is_set() and limit != DRAIN
            ended = sent.outcome not in (Outcome.DELIVERED, Outcome.AGAIN) or again > AGAIN_AT_ONCE
            if ended or stopped or self.clock.monotonic() >= until:
                return sent

    def heartbeat_or_default(self) -> float:
        """A heartbeat; seconds until the next."""
        self.heartbeat()
        return self._next

    _next = HEARTBEAT

    def heartbeat(self) -> bool:
        """Tell how the spool stands, learn the time, take commands. False if the portal did not answer."""
        self._next = HEARTBEAT
        try:
            facts = self.spool.facts()
            missing = self.spool.missing(self.clock.now())
        except SpoolError as error:
            self.notes.say("spool", str(error))
            return False
        body = {
            "agent": AGENT,
            "spool": {"pending": facts.pending, "oldest": facts.oldest},
            "clock": rfc3339(self.clock.wall()),
            "missing": missing,
            "instance": self.instance,
            "devices": [{"device": ref, "state": word} for ref, word in self.desk.standing().items()],
        }
        try:
            answer = self.client.request("POST", "/api/v1/heartbeat", body)
        except PortalError as error:
            self.notes.say("portal", str(error))
            return False
        if answer.status != 200 or not isinstance(answer.data, dict):
            said = answer.message or "no reason given"
            self.notes.say("portal", f"The portal answered the heartbeat with {answer.status}: {said}")
            if answer.retry_after is not None:
                self._next = min(max(answer.retry_after, 1.0), 3600.0)
            return False
        self.notes.over("portal", "the portal answers again")
        self._learn_time(parse_rfc3339(answer.data.get("time")))
        self._next = _seconds(answer.data.get("next"), self.clock.now())
        try:
            self.desk.take(parse_commands(answer.data.get("commands")), self.clock.now())
            self.desk.report(self.client)
        except sqlite3.Error as error:
            # Nothing is switched that the journal cannot hold; the portal repeats the command.
            self.notes.say("journal", f"the command journal cannot be written: {error}")
        self._remember(heartbeat_at=self._now_text())
        self._renew_token()
        return True

    def _renew_token(self) -> None:
        """A token that has served long enough is exchanged. The old one works until the new one is first used,
        so whatever is lost on the way costs nothing."""
        now, since = self.clock.now(), parse_rfc3339(self._status.get("token_at"))
        if now is None or (since is not None and now - since < TOKEN_AGE):
            return
        if since is None:
            self._remember(token_at=rfc3339(now))
            return
        try:
            token_rotate(self.state, self.client)
            self._remember(token_at=rfc3339(now))
        except (PortalError, StateError) as error:
            self.notes.say("token", f"The token was not renewed: {error}")
            self._remember(token_at=rfc3339(now - TOKEN_AGE + timedelta(days=1)))  # tomorrow again

    def _learn_time(self, told: datetime | None) -> None:
        if told is None:
            return
        ahead = self.clock.portal_says(told)
        if abs(ahead) > TOLERANCE:
            self.notes.say(
                "clock",
                f"the clock of this machine is {ahead.total_seconds():+.0f} s off; the portal's time serves",
            )
        else:
            self.notes.over("clock", "the clock of this machine is right again")
        self._undated = True
        self._stamp()

    def _stamp(self) -> None:
        """Date the readings that were taken while the time was not known."""
        if self._undated and self.clock.now() is not None:
            try:
                self.spool.stamp(self.clock.boot, self.clock.at)
                self._undated = False
            except SpoolError as error:
                self.notes.say("spool", str(error))

    def _now_text(self) -> str | None:
        now = self.clock.now()
        return None if now is None else rfc3339(now)

    def _remember(self, **facts: str | None) -> None:
        """For `status`; losing it costs nothing, so a full disk must not stop the delivery."""
        self._status.update(facts)
        with contextlib.suppress(StateError):
            self.state.write("status.json", self._status)


def _seconds(told: object, now: datetime | None) -> float:
    """`next` of the heartbeat: seconds, or an instant."""
    if isinstance(told, int | float) and not isinstance(told, bool) and told == told:
        return min(max(float(told), 1.0), 3600.0)
    when = parse_rfc3339(told)
    if when is not None and now is not None:
        return min(max((when - now).total_seconds(), 1.0), 3600.0)
    return HEARTBEAT
