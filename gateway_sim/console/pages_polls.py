"""One metering point polled: the period, the archives, start, stop, progress and the journal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from gateway_sim.console import forms
from gateway_sim.console.context import language, say, the_polls, the_store
from gateway_sim.console.faults import fault_text
from gateway_sim.console.pages_points import card_or_404
from gateway_sim.console.polling import Running
from gateway_sim.console.store import PointCard
from gateway_sim.field.driver import models
from gateway_sim.field.intervals import span

pages = Blueprint("polls", __name__)
SHOWN = 400  # lines of the journal on the page; the saved one has all


def _of(card: PointCard) -> Running | None:
    running = the_polls().latest
    return running if running is not None and running.point_id == card.id else None


@pages.get("/points/<point_id>/poll")
def poll(point_id: str) -> str:
    card = card_or_404(point_id)
    running = _of(card)
    today = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)  # noqa: DTZ005 the netbook's own day
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    values = {
        "from": f"{first:%Y-%m-%d}",
        "to": f"{today.replace(day=1) - timedelta(days=1):%Y-%m-%d}",
        "kinds": ["hour"],
    }
    if running is not None:
        values = {
            "from": f"{running.start:%Y-%m-%d}", "to": f"{running.end - timedelta(days=1):%Y-%m-%d}",
            "kinds": list(running.kinds),
        }  # fmt: skip
    return _page(card, values, {})


def _page(card: PointCard, values: dict[str, Any], errors: dict[str, str]) -> str:
    running = _of(card)
    error = running.result.error if running and running.result else None
    info = models().get(card.model)
    return render_template(
        "poll.html", card=card, values=values, errors=errors, running=running, kinds=info.kinds if info else (),
        off=span(running.result.clock_off) if running and running.result and running.result.clock_off else "",
        fault=fault_text(error.code, language()) if error else "", lines=_journal_lines(card, running), other=_other(card),
    )  # fmt: skip


def _journal_lines(card: PointCard, running: Running | None) -> list[tuple[str, str]]:
    """Kind and text of the newest lines; after a restart of the console, of the journal that was kept."""
    if running is not None:
        return [(entry.kind, entry.line()) for entry in running.journal.entries[-SHOWN:]]
    return [("", line) for line in the_store().journal(card.id).splitlines()[-SHOWN:]]


def _other(card: PointCard) -> PointCard | None:
    """The point whose poll is under way, if it is not this one's."""
    running = the_polls().latest
    busy = running is not None and not running.over and running.point_id != card.id
    return the_store().point(running.point_id) if running is not None and busy else None


@pages.post("/points/<point_id>/poll")
def start(point_id: str) -> Any:
    card = card_or_404(point_id)
    period = forms.period_checked(request.form, request.form.getlist("kinds"), say)
    if not card.model:
        period.errors["kinds"] = say("Choose a model in the properties first.")
    if not period.errors and period.start and period.end:
        if the_polls().start(card, period.kinds, period.start, period.end, language()) is not None:
            return redirect(url_for("polls.poll", point_id=card.id))
        period.errors["kinds"] = say("Another poll is under way: stop it first.")
    values = {
        "from": request.form.get("from", ""),
        "to": request.form.get("to", ""),
        "kinds": list(period.kinds),
    }
    return _page(card, values, period.errors), 422


@pages.post("/points/<point_id>/poll/stop")
def stop(point_id: str) -> Any:
    card = card_or_404(point_id)
    running = _of(card)
    if running is not None:
        running.stop.set()
    return redirect(url_for("polls.poll", point_id=card.id))


@pages.get("/points/<point_id>/journal.txt")
def journal(point_id: str) -> Response:
    card = card_or_404(point_id)
    running = _of(card)
    text = running.journal.text() if running else the_store().journal(card.id)
    name = f"journal-{''.join(c for c in card.number if c.isalnum()) or 'point'}.txt"
    return Response(
        text,
        mimetype="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.post("/points/<point_id>/journal/clear")
def clear(point_id: str) -> Any:
    card = card_or_404(point_id)
    running = _of(card)
    if running is not None:
        running.journal.entries.clear()
    the_store().forget_journal(card.id)
    return redirect(url_for("polls.poll", point_id=card.id))
