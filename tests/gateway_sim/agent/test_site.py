"""The site file: what it becomes, and the sentence each fault gets."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway_sim.site import SiteError, load_site, parse_site

pytestmark = pytest.mark.pure
EXAMPLE = Path(__file__).parents[3] / "gateway_sim" / "examples" / "site.toml"


def test_the_example_loads_and_covers_every_kind_of_meter():
    site = load_site(EXAMPLE)
    assert len(site.meters) == 14
    assert {meter.medium for meter in site.meters} == {
        "heat",
        "hot_water",
        "cold_water",
        "electricity",
        "gas",
    }
    assert [meter.ref for meter in site.meters if meter.telegrams == 2] == ["heat-102", "elec-101"]
    tariffs = {r.tariff_index for m in site.meters if m.medium == "electricity" for r in m.registers}
    assert tariffs == {0, 1, 2}


def test_the_publication_is_the_document_of_the_contract():
    document = load_site(EXAMPLE).publication(7)
    assert set(document) == {"revision", "buildings", "meters", "devices"}
    assert document["revision"] == 7
    assert document["buildings"][0]["dwellings"][0] == {
        "ref": "A-101",
        "name": "Appartement 101",
        "floor": 1,
        "area": "62.5",
    }
    heat = document["meters"][0]
    assert set(heat) == {"ref", "place", "medium", "usage", "manufacturer", "serial", "registers"}
    assert heat["registers"][0] == {
        "ref": "energy",
        "quantity": "energy",
        "unit": "kWh",
        "exponent": 0,
        "tariff_index": 0,
        "rollover": "10000000",
        "kind": "cumulative",
        "shared": True,
    }
    assert document["devices"][0]["commands"] == ["on", "off"]


def test_an_instant_in_another_zone_is_the_same_instant():
    text = EXAMPLE.read_text(encoding="utf-8").replace("2026-11-01T00:00:00Z", "2026-11-01T09:00:00+09:00")
    simulate = parse_site(text).meters[0].registers[0].simulate
    assert (simulate.at, simulate.index) == (datetime(2026, 11, 1, tzinfo=UTC), Decimal(8123))


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('unit = "kWh"', 'unit = "m3"', "meters[0].registers[0].unit"),
        ('medium = "heat"', 'medium = "warmth"', "meters[0].medium"),
        ('usage = "heating"', 'usage = "boiling"', "meters[0].usage"),
        ('place = "A-101"', 'place = "B-9"', "meters[0].place"),
        ('bus = "main"', 'bus = "other"', "meters[0].bus"),
        ('address = "1"', 'address = "251"', "meters[0].address"),
        ('address = "2"', 'address = "1"', "meters[1].address"),
        ('serial = "68150101"', 'serail = "68150101"', "meters[0].serial"),
        ('name = "Bâtiment A"', "name = 5", "buildings[0].name"),
        ('ref = "A-102"', 'ref = "A-101"', "buildings[0].dwellings[1].ref"),
        ('area = "62.5"', 'area = "62,5"', "buildings[0].dwellings[0].area"),
        ('area = "62.5"', "area = nan", "buildings[0].dwellings[0].area"),
        ("exponent = -2", "exponent = 1.5", "meters[0].registers[1].exponent"),
        ('kind = "instantaneous"', 'kind = "cumulative"', "meters[0].registers[2].kind"),
        ("shared = true", 'shared = "yes"', "meters[0].registers[0].shared"),
        ('kind = "cumulative"', 'kind = "cumulative"\n  colour = "red"', "meters[0].registers[0].colour"),
        ('at = "2026-11-01T00:00:00Z"', 'at = "2026-11-01"', "meters[0].registers[0].simulate.at"),
        ('commands = ["on", "off"]', 'commands = "on"', "devices[0].commands"),
        ("[buses.main]", "[buses.main", ""),
    ],
)
def test_a_fault_is_named_by_its_path(old, new, path):
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(SiteError) as caught:
        parse_site(text.replace(old, new, 1))
    assert caught.value.path == path
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(SiteError, match="cannot read the site file"):
        load_site(tmp_path / "none.toml")
