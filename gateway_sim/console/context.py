"""What every page asks for: the store, the polls, and the reader's language."""

from __future__ import annotations

from pathlib import Path

from flask import current_app, request

from gateway_sim.console import texts
from gateway_sim.console.polling import Polls
from gateway_sim.console.store import Store

LANGUAGE_COOKIE = "language"


def the_store() -> Store:
    store: Store = current_app.extensions["console"]["store"]
    return store


def the_polls() -> Polls:
    polls: Polls = current_app.extensions["console"]["polls"]
    return polls


def the_state() -> Path:
    """The state directory of the TJA480 agent."""
    state: Path = current_app.extensions["console"]["state"]
    return state


def language() -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "") or the_store().parameters.language
    return chosen if chosen in texts.LANGUAGES else "ru"


def say(text: str, **values: object) -> str:
    return texts.sayer(language())(text, **values)
