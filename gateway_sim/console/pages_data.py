"""The data folder, the last data of a point as tables, and the report of a fault."""

from __future__ import annotations

import platform
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_file

from gateway_sim.console import data
from gateway_sim.console.context import the_polls, the_store
from gateway_sim.console.pages_points import card_or_404
from gateway_sim.console.store import PointCard
from gateway_sim.field.driver import models

pages = Blueprint("data", __name__)
A_PAGE = 100  # rows
LONGEST_WORDS = 5_000


@pages.get("/files")
def folder() -> str:
    store = the_store()
    return render_template(
        "folder.html", folder=store.folder, files=data.files(store.folders), portal=store.parameters.portal
    )


@pages.get("/files/<name>")
def download(name: str) -> Any:
    path = data.file_of(the_store().folders, name) or abort(404)
    return send_file(path.resolve(), mimetype="application/xml", as_attachment=True, download_name=path.name)


@pages.get("/points/<point_id>/last")
def last(point_id: str) -> str:
    card, store = card_or_404(point_id), the_store()
    path = data.file_of(store.folders, card.last_file) if card.last_file else None
    tables = data.tables(path) if path else []
    page = request.args.get("page", "0")
    first = int(page) * A_PAGE if page.isdecimal() and len(page) < 6 else 0
    kind = request.args.get("kind", tables[0].kind if tables else "")
    table = next((one for one in tables if one.kind == kind), None)
    return render_template(
        "last.html", card=card, path=path, tables=tables, table=table, first=first, a_page=A_PAGE,
        portal=store.parameters.portal,
    )  # fmt: skip


@pages.route("/points/<point_id>/report", methods=["GET", "POST"])
def report(point_id: str) -> Any:
    card = card_or_404(point_id)
    if request.method == "GET":
        return render_template("report.html", card=card, support=the_store().parameters.support)
    words = request.form.get("words", "")[:LONGEST_WORDS]
    return Response(
        _report(card, words), mimetype="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="report.txt"'},
    )  # fmt: skip


def _report(card: PointCard, words: str) -> str:
    info = models().get(card.model)
    running = the_polls().latest
    lines = [
        f"{datetime.now():%Y-%m-%d %H:%M}",  # noqa: DTZ005 the netbook's own time
        f"gateway_sim, Python {platform.python_version()}, {platform.system()} {platform.release()}",
        f"model {info.title if info else '-'} ({card.model or '-'}), speed {card.baud or (info.baud if info else '-')}, "
        f"adapter {card.adapter or '-'} {card.adapter_address}, connection {card.connection or 'serial port'}",
        "", words.strip(), "",
    ]  # fmt: skip
    own = running is not None and running.point_id == card.id
    lines.append(running.journal.text() if running is not None and own else the_store().journal(card.id))
    return "\n".join(lines) + "\n"
