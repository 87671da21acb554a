"""The buildings among which an administrator chooses for an operator (accounts.buildings)."""

from __future__ import annotations

from accounts.buildings import BuildingChoice
from accounts.texts import natural_key
from servers.models import Building


def standing_buildings() -> list[BuildingChoice]:
    rows = Building.objects.filter(retired_at=None).values_list("pk", "public_id", "name")
    found = [BuildingChoice(pk, str(public_id), name) for pk, public_id, name in rows]
    return sorted(found, key=lambda one: (natural_key(one.name), one.pk))
