"""The list of metering points, their properties, and what is brought in from another reader."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from gateway_sim.console import forms
from gateway_sim.console.context import say, the_polls, the_store
from gateway_sim.console.settings_file import SettingsError, SettingsFile, read_settings
from gateway_sim.console.store import PointCard
from gateway_sim.field.driver import models
from gateway_sim.field.model import ModelInfo

pages = Blueprint("points", __name__)
COLUMNS = ("name", "place", "model", "serial", "number")
SETTINGS_ERRORS = {
    "too_large": "The file is too large.", "not_xml": "The file is no XML.",
    "not_settings": "The file holds no settings of a reader.",
}  # fmt: skip


def card_or_404(point_id: str) -> PointCard:
    return the_store().point(point_id) or abort(404)


@pages.get("/")
def listing() -> str:
    filters = {name: request.args.get(name, "").strip() for name in COLUMNS}
    cards = the_store().points()
    order = request.args.get("sort", "")
    shown = _sorted([card for card in cards if _fits(card, filters)], order)
    chosen = request.args.get("chosen", "") or (shown[0].id if len(shown) == 1 else "")
    said = request.args.get("said", "")
    return render_template(
        "points.html", cards=shown, any=bool(cards), filters=filters, chosen=chosen, order=order,
        active={name: text for name, text in filters.items() if text},
        said={"saved": "Saved.", "removed": "Removed.", "choose": "Choose a metering point first."}.get(said),
    )  # fmt: skip


def _told(card: PointCard) -> dict[str, str]:
    """What the list shows of a point."""
    info = models().get(card.model)
    return {**{name: getattr(card, name) for name in COLUMNS}, "model": info.title if info else ""}


def _fits(card: PointCard, filters: dict[str, str]) -> bool:
    told = _told(card)
    return all(text.casefold() in told[name].casefold() for name, text in filters.items())


def _sorted(cards: list[PointCard], order: str) -> list[PointCard]:
    """By a column, `-` before its name for the other direction; numbers inside a text by their size."""
    name = order.removeprefix("-")
    if name not in COLUMNS:
        return cards
    return sorted(cards, key=lambda card: _by_size(_told(card)[name]), reverse=order.startswith("-"))


def _by_size(text: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"([0-9]+)", text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


@pages.get("/choose")
def choose() -> Any:
    """The toolbar's buttons: one of them and the row that was chosen."""
    targets = {
        "properties": "points.properties", "remove": "points.remove", "poll": "polls.poll", "last": "data.last",
        "report": "data.report",
    }  # fmt: skip
    target, point_id = targets.get(request.args.get("do", "")), request.args.get("chosen", "")
    if target is None:
        abort(404)
    if not point_id:
        return redirect(url_for("points.listing", said="choose"))
    return redirect(url_for(target, point_id=card_or_404(point_id).id))


@pages.route("/points/new", methods=["GET", "POST"])
def create() -> Any:
    return _edit(PointCard(id=""), "general")


@pages.route("/points/<point_id>", methods=["GET", "POST"])
def properties(point_id: str) -> Any:
    tab = request.args.get("tab", "general")
    return _edit(card_or_404(point_id), tab if tab in forms.TABS else "general")


def _edit(card: PointCard, tab: str) -> Any:
    if request.method == "GET":
        return _form(card, tab, {}, confirm=False)
    store = the_store()
    checked = forms.point_checked(request.form, card, store, say)
    unconfirmed = checked.renumbered and not request.form.get("confirm")
    if checked.errors or unconfirmed:
        page = _form(checked.card, tab, checked.errors, confirm=unconfirmed)
        return page, 422 if checked.errors else 409
    saved = store.save_point(checked.card)
    if not card.id:
        return redirect(url_for("points.properties", point_id=saved.id, tab="meter"))
    return redirect(url_for("points.listing", said="saved", chosen=saved.id))


def _form(card: PointCard, tab: str, errors: dict[str, str], *, confirm: bool) -> str:
    info = models().get(card.model)
    words = {"end": "its end", "start": "its start"}
    return render_template(
        "point.html", card=card, address_help=_address_help(info), tab=tab, errors=errors, confirm=confirm,
        adapters=[(key, say(said)) for key, said in forms.ADAPTERS.items()],
        flows=[(key, say(said)) for key, said in forms.FLOWS.items()],
        bauds=[("", say("As the model has it")), *((str(baud), str(baud)) for baud in forms.BAUDS)],
        option_values=lambda name, values: [
            (value, say(words.get(value, value)) if value else say("As the model has it")) for value in values
        ],
    )  # fmt: skip


def _address_help(info: ModelInfo | None) -> str:
    if info is None or info.address_is_text:
        return ""
    if info.addresses is None:
        return say("This model has no network address.")
    least, most = info.addresses
    usual = f" ({info.address})" if info.address else ""
    return say("From {least} to {most}; empty: whoever answers.", least=least, most=most) + usual


@pages.route("/points/<point_id>/remove", methods=["GET", "POST"])
def remove(point_id: str) -> Any:
    card = card_or_404(point_id)
    if request.method == "GET":
        return render_template("remove.html", card=card)
    running = the_polls().latest
    if running is not None and running.point_id == card.id:
        running.stop.set()  # nobody could stop it any more
    the_store().remove_point(card.id)
    return redirect(url_for("points.listing", said="removed"))


@pages.route("/parameters", methods=["GET", "POST"])
def parameters() -> Any:
    store = the_store()
    if request.method == "GET":
        return render_template("parameters.html", it=store.parameters, errors={}, said="", brought=None)
    changed, errors = forms.parameters_checked(request.form, store.parameters, say)
    if errors:
        return render_template("parameters.html", it=changed, errors=errors, said="", brought=None), 422
    store.save_parameters(changed)
    return render_template("parameters.html", it=changed, errors={}, said="Saved.", brought=None)


@pages.post("/bring-in")
def bring_in() -> Any:
    """Points that are known by their number stay as they are: the file never overwrites what was set here."""
    store, upload = the_store(), request.files.get("file")
    errors: dict[str, str] = {}
    brought: dict[str, Any] | None = None
    keep = bool(request.form.get("keep_passwords"))
    try:
        found = read_settings(upload.read(), keep_passwords=keep) if upload and upload.filename else None
    except SettingsError as error:
        found, errors["file"] = None, say(SETTINGS_ERRORS[error.code])
    if found is None:
        errors.setdefault("file", say("Choose a file."))
    else:
        brought = _take(found, keep)
    page = render_template("parameters.html", it=store.parameters, errors=errors, said="", brought=brought)
    return page, 422 if errors else 200


def _take(found: SettingsFile, keep_passwords: bool) -> dict[str, Any]:
    store = the_store()
    known = {card.number for card in store.points()}
    fresh = [card for card in found.points if card.number not in known]
    for card in fresh:
        store.save_point(card)
    parameters = store.parameters
    store.save_parameters(
        replace(
            parameters,
            serial_port=parameters.serial_port or found.serial_port,
            tcp_port=found.tcp_port or parameters.tcp_port,
        )
    )
    return {
        "count": len(fresh), "known": len(found.points) - len(fresh), "unknown": found.unknown,
        "left_out": 0 if keep_passwords else found.passwords,
    }  # fmt: skip
