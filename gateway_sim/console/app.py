"""The console's pages. `create_app(directory)` makes them; `cli/console.py` serves them on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from gateway_sim.console import forms, pages_box, pages_data, pages_points, pages_polls, texts
from gateway_sim.console.context import LANGUAGE_COOKIE, language, say, the_store
from gateway_sim.console.guard import guard
from gateway_sim.console.polling import Polls
from gateway_sim.console.store import Store
from gateway_sim.field.driver import models

MOST_UPLOADED = 6_000_000


def create_app(directory: Path, *, polls: Polls | None = None, state: Path | None = None) -> Flask:
    """`directory` keeps the points, the parameters and, unless another folder is chosen, the files; `state` is
    the state directory of the TJA480 agent."""
    app = Flask("gateway_sim.console", root_path=str(Path(__file__).parent))
    app.config["MAX_CONTENT_LENGTH"] = MOST_UPLOADED
    store = polls.store if polls else Store(directory)
    app.extensions["console"] = {
        "store": store,
        "polls": polls or Polls(store),
        "state": state or directory / "box",
    }
    for pages in (pages_points, pages_polls, pages_data, pages_box):
        app.register_blueprint(pages.pages)
    app.add_url_rule("/language", "language", choose_language, methods=["POST"])
    guard(app, lambda: refusal("The page was open too long. Do it once more.", 403))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OSError, _disk_error)
    app.context_processor(_shared)
    return app


def choose_language() -> Any:
    response = redirect(url_for("points.listing"))
    chosen = request.form.get("language", "")
    if chosen in texts.LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, chosen, samesite="Strict", httponly=True, max_age=31_536_000)
    return response


def refusal(sentence: str, status: int, **values: object) -> Response:
    return make_response(render_template("refusal.html", sentence=say(sentence, **values)), status)


def _http_error(error: HTTPException) -> Response:
    if error.code == 413:
        return refusal("The file is too large.", 413)
    if (error.code or 404) >= 500:
        return refusal(
            "Something went wrong in the console. What exactly stands in the window that it was started from.",
            500,
        )
    return refusal("There is no such page.", error.code or 404)


def _disk_error(error: OSError) -> Response:
    """A full disk, or a folder that went away with its stick."""
    return refusal("The folder cannot be used: {reason}", 500, reason=error.strerror or str(error))


def _shared() -> dict[str, Any]:
    return {
        "say": say, "language": language(), "languages": texts.LANGUAGES, "theme": the_store().parameters.theme,
        "models": models(), "forms": forms,
    }  # fmt: skip
