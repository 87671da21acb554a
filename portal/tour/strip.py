"""What a page shows while its reader is on the tour: the stop, and the ways to the ones around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.access import Actor
from portal.demo import SLUGS
from portal.tour.stops import Stop, stops_of

MARK = "tour"  # of a stop's address: ?tour=3


@dataclass(frozen=True)
class Strip:
    number: int
    count: int
    title: Any
    text: Any
    before: str
    after: str
    end: str


def marked(stop: Stop, actor: Actor, number: int) -> str:
    """The address of a stop as a page of the tour; empty where there is nothing to show."""
    address = stop.address(actor)
    return f"{address}{'&' if '?' in address else '?'}{MARK}={number}" if address else ""


def tour_url(programme: Any, actor: Actor | None) -> str:
    """Where the tour begins; only the demo's own programmes have one."""
    offered = settings.DEMO and programme is not None and programme.slug in SLUGS
    return reverse("tour", args=[programme.slug]) if offered and actor else ""


def strip_of(request: HttpRequest, actor: Actor | None) -> Strip | None:
    """None on every page that is not opened as a stop; whoever types another number is on no tour."""
    given = request.GET.get(MARK, "")
    if actor is None or not given.isascii() or not given.isdigit() or not (settings.DEMO or settings.TESTING):
        return None
    stops, number = stops_of(actor), int(given[:4])
    if not 1 <= number <= len(stops):
        return None
    return Strip(
        number, len(stops), stops[number - 1].title, stops[number - 1].text,
        _nearest(actor, stops, range(number - 1, 0, -1)), _nearest(actor, stops, range(number + 1, len(stops) + 1)),
        reverse("tour", args=[actor.programme.slug]),
    )  # fmt: skip


def _nearest(actor: Actor, stops: tuple[Stop, ...], numbers: range) -> str:
    return next(filter(None, (marked(stops[number - 1], actor, number) for number in numbers)), "")
