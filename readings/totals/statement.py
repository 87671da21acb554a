# ruff: noqa: S608 - the only texts put together here are our own
"""The one statement that recomputes day totals where readings changed; the same text for PostgreSQL and SQLite.

Between two used readings the index is a straight line. A total is the difference of that line at the ends of a
cut, each end rounded once, half up, in steps of the register's resolution; so totals of neighbouring cuts always
add up to the difference of the readings, whatever the readings' distance and order of arrival. A pair that falls
is a rollover when the register's span explains it within its highest rate, and *disputed* otherwise: nothing is
counted between the two, and the days say so. That judgement looks at the pair alone, never at what came first.
An operator who accepts a reading settles its pair: a rise counts however steep, and after a fall counting begins
anew, with nothing in between and the days marked as estimated.

All products stay inside a bigint: indexes are below 10^15 steps, distances below 2.1·10^9 s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

# The rise `d` of a pair that is `dt` apart, `x` seconds after its first reading: d·x/dt rounded half up.
ROUNDED_SHARE = "(({d}/{dt})*{x} + (2*({d}%%{dt})*{x} + {dt})/(2*{dt}))"

_NEIGHBOURS = """
WITH touched(register_id, t0, t1) AS (VALUES {touched}),
seg(register_id, calendar_id, band, fine) AS (VALUES {segments}),
span AS {materialized} (  -- a changed reading moves the line as far as its neighbours
  SELECT t.register_id, s.calendar_id, s.band,
    coalesce((SELECT max(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
              AND r.register_id = t.register_id AND r.used AND r.at < t.t0), t.t0) AS a,
    coalesce((SELECT min(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
              AND r.register_id = t.register_id AND r.used AND r.at > t.t1), t.t1) AS b
  FROM touched t JOIN seg s ON s.register_id = t.register_id)"""

REACH = _NEIGHBOURS + " SELECT calendar_id, min(a), max(b) FROM span GROUP BY calendar_id"

_CALC = (
    _NEIGHBOURS
    + """,
reach AS {materialized} (  -- back to the cut that a stands in
  SELECT register_id, calendar_id, band, b,
    (SELECT max(k.at) FROM readings_calendarcut k WHERE k.programme_id = %(p)s
     AND k.calendar_id = span.calendar_id AND k.at <= span.a) AS a
  FROM span),
day_set AS {materialized} (  -- the local days that meet [a, b]
  SELECT DISTINCT s.register_id, s.calendar_id, s.band, c.day
  FROM reach s JOIN readings_calendarcut c
    ON c.programme_id = %(p)s AND c.calendar_id = s.calendar_id AND c.at BETWEEN s.a AND s.b),
slot AS {materialized} (  -- their cuts, with the readings at or before the start and at or after the end
  SELECT d.register_id, c.at, c.next_at, c.day, CASE WHEN d.band >= 0 THEN d.band ELSE c.band END AS band,
    coalesce((SELECT max(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
              AND r.register_id = d.register_id AND r.used AND r.at <= c.at), c.at) AS lo,
    coalesce((SELECT min(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
              AND r.register_id = d.register_id AND r.used AND r.at >= c.next_at), c.next_at) AS hi
  FROM day_set d JOIN readings_calendarcut c
    ON c.programme_id = %(p)s AND c.calendar_id = d.calendar_id AND c.day = d.day),
step AS (
  SELECT k.register_id, k.at, k.next_at, k.day, k.band, r.at AS p, r.value AS vp,
    lead(r.at) OVER w AS n, lead(r.value) OVER w AS vn, lead(r.marks) OVER w AS mn
  FROM slot k JOIN readings_reading r
    ON r.programme_id = %(p)s AND r.register_id = k.register_id AND r.used AND r.at BETWEEN k.lo AND k.hi
  WINDOW w AS (PARTITION BY k.register_id, k.at ORDER BY r.at)),
pair AS (  -- rise: plain, over the rollover, or NULL where neither explains the two readings
  SELECT st.*, g.max_per_hour,
    CASE WHEN f.fine > 0 AND f.fine < g.gap_seconds THEN f.fine ELSE g.gap_seconds END AS gap_seconds,
    CASE WHEN st.vn >= st.vp THEN st.vn - st.vp
         WHEN g.max_per_hour IS NOT NULL AND st.vn - st.vp + g.span >= 0 THEN st.vn - st.vp + g.span END AS rise
  FROM step st JOIN servers_register g ON g.programme_id = %(p)s AND g.id = st.register_id
  JOIN seg f ON f.register_id = st.register_id
  WHERE st.n > st.at),
piece AS (
  SELECT register_id, day, band, n - p AS dt,
    CASE WHEN rise IS NOT NULL AND (max_per_hour IS NULL OR (rise*3600 + n - p - 1)/(n - p) <= max_per_hour)
         THEN rise
         WHEN (mn & 1) = 1 THEN CASE WHEN vn >= vp THEN vn - vp ELSE 0 END END AS d,
    CASE WHEN at > p THEN at - p ELSE 0 END AS x0,
    CASE WHEN next_at < n THEN next_at - p ELSE n - p END AS x1,
    CASE WHEN n - p > gap_seconds AND (p < at OR n > next_at) THEN 1
         WHEN vn < vp AND (mn & 1) = 1
              AND (rise IS NULL OR (rise*3600 + n - p - 1)/(n - p) > max_per_hour) THEN 1 ELSE 0 END AS est
  FROM pair),
calc AS (
  SELECT register_id, day, band, coalesce(sum({to_end} - {to_start}), 0) AS quantity,
    coalesce(sum(CASE WHEN d IS NOT NULL THEN x1 - x0 END), 0) AS seconds,
    max(CASE WHEN d IS NULL THEN 2 ELSE est END) AS status
  FROM piece GROUP BY register_id, day, band)
"""
)
_INTO = """INSERT INTO readings_daytotal AS o (programme_id, register_id, day, band, quantity, seconds, status)
SELECT %(p)s, register_id, day, band, quantity, seconds, status FROM calc WHERE true
ON CONFLICT (programme_id, register_id, day, band) DO UPDATE
SET quantity = excluded.quantity, seconds = excluded.seconds, status = excluded.status
WHERE """
_POSTGRES = (
    _CALC
    + """,
gone AS (DELETE FROM readings_daytotal t USING day_set d
  WHERE t.programme_id = %(p)s AND t.register_id = d.register_id AND t.day = d.day
  AND NOT EXISTS (SELECT 1 FROM calc c WHERE c.register_id = t.register_id AND c.day = t.day AND c.band = t.band))
"""
    + _INTO
    + "(o.quantity, o.seconds, o.status) IS DISTINCT FROM (excluded.quantity, excluded.seconds, excluded.status)"
)
_SQLITE_GONE = (
    _CALC
    + """DELETE FROM readings_daytotal WHERE programme_id = %(p)s
  AND (register_id, day) IN (SELECT register_id, day FROM day_set)
  AND (register_id, day, band) NOT IN (SELECT register_id, day, band FROM calc)"""
)
_SQLITE_INTO = (
    _CALC
    + _INTO
    + "o.quantity IS NOT excluded.quantity OR o.seconds IS NOT excluded.seconds OR o.status IS NOT excluded.status"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A register whose days are cut by a calendar; `band` ≥ 0 is told by the register itself.

    `fine`: where above 0, a bracket longer than so many seconds makes its days estimated already: the clock parts
    these days, and how much was used before and after the hour is then a guess.
    """

    register_id: int
    calendar_id: int
    band: int
    fine: int = 0


@dataclass(frozen=True, slots=True)
class Touched:
    register_id: int
    t0: int
    t1: int


def reach(
    programme_id: int, segments: Sequence[Segment], touched: Sequence[Touched]
) -> Mapping[int, tuple[int, int]]:
    """Calendar → the first and last instant that the recomputation will ask it for."""
    with connection.cursor() as cursor:
        _run(cursor, REACH, programme_id, segments, touched)
        return {calendar: (a, b) for calendar, a, b in cursor.fetchall()}


def recompute(programme_id: int, segments: Sequence[Segment], touched: Sequence[Touched]) -> None:
    """Bring the day totals around `touched` in line with the readings. The registers are locked by the caller."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _run(cursor, _POSTGRES, programme_id, segments, touched)
        else:
            _run(cursor, _SQLITE_GONE, programme_id, segments, touched)
            _run(cursor, _SQLITE_INTO, programme_id, segments, touched)


def _run(
    cursor: Any, text: str, programme_id: int, segments: Sequence[Segment], touched: Sequence[Touched]
) -> None:
    # whole numbers of our own, written into the text: a parameter each would be thousands
    sql = text.format(
        touched=",".join(f"({t.register_id:d},{t.t0:d},{t.t1:d})" for t in touched),
        segments=",".join(f"({s.register_id:d},{s.calendar_id:d},{s.band:d},{s.fine:d})" for s in segments),
        materialized="MATERIALIZED",
        to_end=ROUNDED_SHARE.format(d="d", x="x1", dt="dt"),
        to_start=ROUNDED_SHARE.format(d="d", x="x0", dt="dt"),
    )
    cursor.execute(sql, {"p": programme_id})
