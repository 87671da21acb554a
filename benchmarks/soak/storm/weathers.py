"""The storms of `make soak`, each beside the same one on a portal with one promise taken away."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from benchmarks.soak.ledger import Scenario
from benchmarks.soak.storm import faults, storm
from benchmarks.soak.storm.storm import Weather
from benchmarks.town.machine import DURABLE

WAYS = Weather(proxy=0.6, mails=0.4)
WEB = Weather(faults=(faults.web_process, faults.web_process, faults.web))
DATABASE = Weather(
    faults=(faults.database_crash, faults.connections_cut, faults.database_killed, faults.connections_cut)
)
WORK = Weather(
    faults=(faults.worker, faults.redis_flushed, faults.beat, faults.worker, faults.redis),
    gateways=4,
    pause=0.3,
)
DEPLOY = Weather(faults=(faults.web_reloaded, faults.worker_replaced), deploys=True, gateways=4)
ALL = Weather(
    faults=(*WEB.faults, *DATABASE.faults, *WORK.faults, faults.web_reloaded, faults.worker_replaced),
    proxy=0.3, mails=0.2,
)  # fmt: skip
SHORT = Weather(
    faults=(faults.web_process, faults.database_crash, faults.worker, faults.redis), proxy=0.3, mails=0.2,
    gateways=4, meters=3, pace=0.3, totals=False,
)  # fmt: skip
KEYLESS = replace(WAYS, app="benchmarks.soak.storm.ill:keyless", keyless=True, waits=10)
EAGER = replace(WEB, app="benchmarks.soak.storm.ill:eager", waits=10, rest=15)
# PostgreSQL writes down what it has said to be committed up to three times this pause later
HASTY = replace(DATABASE, database=f"{DURABLE} -c synchronous_commit=off -c wal_writer_delay=2s")
LEASELESS = replace(WORK, ill="leaseless", waits=40)
KILLED = replace(DEPLOY, faults=(faults.web_process, faults.worker))


def _scenario(
    name: str, weather: Weather, control: Weather, control_is: str, long: int, few: int
) -> Scenario:
    return Scenario(
        name,
        partial(storm.run, weather),
        partial(storm.run, control),
        control_is,
        long,
        max(4, few // 2),
        few,
        few,
    )


STORMS = (
    _scenario(
        "portal: requests and answers cut, lost, doubled, late",
        WAYS,
        KEYLESS,
        "no key of a reading",
        1000,
        60,
    ),
    _scenario("portal: web server killed", WEB, EAGER, "answers before the commit", 60, 8),
    _scenario("portal: PostgreSQL killed", DATABASE, HASTY, "synchronous_commit = off", 60, 12),
    _scenario("portal: workers, beat and Redis killed", WORK, LEASELESS, "no lease on a job", 60, 20),
    _scenario("portal: new releases under load", DEPLOY, KILLED, "kill -9 instead of SIGTERM", 20, 6),
    _scenario(
        "portal: all of it at once", ALL, replace(EAGER, proxy=0.3), "answers before the commit", 200, 30
    ),
)
