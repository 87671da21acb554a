"""Each parameter explains itself, in every language, and its example is what the formulas give."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import polib
import pytest
from django.utils import translation
from django.utils.html import escape

from tariffs.catalogue import PARAMETERS
from tariffs.formulas import gas_energy, split_by_percent, water_heat
from tariffs.help import HELP
from tariffs.pricing import Priced, cost_of, to_minor_units
from testkit import messages
from testkit.world import World
from tests.tariffs.parameter_kit import make_sides


@pytest.mark.pure
def test_no_parameter_is_left_without_its_help_in_any_language() -> None:
    assert set(HELP) == set(PARAMETERS)
    with translation.override(None):
        texts = {str(text) for about in HELP.values() for text in (about.what, about.formula, about.example)}
    assert all(texts) and len(texts) > 50
    for language in messages.LANGUAGES:
        said = {entry.msgid: entry.msgstr for entry in polib.pofile(str(messages._catalogue(language)))}
        assert [text for text in sorted(texts) if not said.get(text)] == [], language


def rounded(quantity: Fraction, price: str) -> str:
    """At a price in 10⁻⁴, as a line rounds."""
    cents = to_minor_units(cost_of([Priced(quantity, int(Fraction(price) * 10_000), 0)]).exact)
    return f"{cents / 100:.2f}"


@pytest.mark.pure
def test_the_examples_are_true() -> None:
    said = {key: str(about.example) for key, about in HELP.items()}
    assert "137.125 kWh" in said["gas_coefficient"] and gas_energy(
        Fraction("12.5"), Fraction("10.97")
    ) == Fraction("137.125")
    assert "125.0225" in said["dhw_outlet"] and water_heat(Fraction("2.5"), Fraction(43)) == Fraction(
        "125.0225"
    )
    assert "232.6 kWh" in said["boiler_delta"] and water_heat(Fraction(10), Fraction(20)) == Fraction("232.6")
    assert split_by_percent(Fraction(200), 15) == (30, 170) and split_by_percent(Fraction(200), 30) == (
        60,
        140,
    )
    for key, quantity, price in (
        ("electricity_base", "100", "0.1256"), ("electricity_ejp", "10", "0.5367"), ("heating", "100", "0.0951"),
        ("electricity_tempo_peak_red", "10", "0.0763"), ("gas", "137.125", "0.0842"), ("cooling", "40", "0.1391"),
        ("hot_water", "125.0225", "0.0951"), ("heating_gcal", "0.5", "1985.47"), ("cold_water_m3", "2.5", "3.90"),
        ("electricity_ejp_normal", "200", "0.1068"),
    ):  # fmt: skip
        assert rounded(Fraction(quantity), price) in said[key], key


@pytest.mark.django_db
def test_the_page_shows_it_beside_each_field(world: World, sign_in: Any) -> None:
    ours, _theirs = make_sides(world)
    world.ours.operator.language = "en"
    world.ours.operator.save()
    client = sign_in(world.ours.operator)
    for page in ("tariffs", "advanced", "sharing"):
        answer = client.get(ours.url(page=page))
        text = answer.content.decode()
        rows = [row for one in answer.context["sections"] for row in (*one["rows"], *one["more"])]
        assert text.count('<details class="param-about">') == len(rows) > 0
        named = set(re.findall(r'class="visually-hidden">What is “([^<]+)”', text))
        assert named == {escape(row["name"]) for row in rows} and len(named) == len(rows)
