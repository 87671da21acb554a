"""The TJA480 part: status, activation, deactivation and publication."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from gateway_sim.console import box
from gateway_sim.console.context import the_state, the_store

pages = Blueprint("box", __name__)


@pages.get("/box")
def status() -> str:
    return _page(None)


def _page(outcome: box.Outcome | None) -> str:
    return render_template(
        "box.html", outcome=outcome, status=box.status(the_state()), portal=the_store().parameters.portal,
        typed=request.form,
    )  # fmt: skip


@pages.post("/box/activate")
def activate() -> Any:
    typed = {name: request.form.get(name, "").strip() for name in ("portal", "serial", "password")}
    outcome = box.activate(the_state(), typed["portal"], typed["serial"].replace(" ", ""), typed["password"])
    return _page(outcome), 200 if outcome.code == 0 else 422


@pages.post("/box/deactivate")
def deactivate() -> Any:
    outcome = box.deactivate(the_state())
    return _page(outcome), 200 if outcome.code == 0 else 422


@pages.post("/box/publish")
def publish() -> Any:
    outcome = box.publish(the_state(), request.form.get("site", "").strip())
    return _page(outcome), 200 if outcome.code == 0 else 422
