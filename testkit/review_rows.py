"""What the pages about readings need in the world of the access matrix. In the scope that is open."""

from __future__ import annotations

from datetime import UTC, datetime

from readings.models import ReviewItem
from servers.models import Building, Meter, MeteringPoint, MeterInstallation, Register


def review_ids() -> dict[str, str]:
    """A flagged value and a decided one, a point whose meter may be exchanged and one where it was."""
    registers = {
        register.installation.point.dwelling.ref: register
        for register in Register.objects.filter(installation__point__medium="heat").select_related(
            "installation__point__dwelling"
        )
    }
    ids = {
        "register": str(registers["A-101"].public_id),
        "other_register": str(registers["A-102"].public_id),
    }
    for name, state in (("review", "open"), ("decided", "accepted")):
        register = registers["A-101"]
        item = ReviewItem.objects.create(
            subject=f"register:{register.pk}", rule="frozen", at=1_767_300_000 + len(name), until=1_767_300_000,
            register=register, point_id=register.installation.point_id, value="5", unit="kWh", state=state,
        )  # fmt: skip
        ids[name] = str(item.public_id)
    for name, serials in (("exchange_point", ("X1",)), ("exchanged_point", ("X2", "X3"))):
        point = MeteringPoint.objects.create(
            name=name, medium="heat", usage="heating", building=Building.objects.get()
        )
        change = datetime(2026, 1, 5, tzinfo=UTC)
        for i, serial in enumerate(serials):
            installation = MeterInstallation.objects.create(
                meter=Meter.objects.create(serial=serial, medium="heat"), point=point,
                installed_at=change if i else datetime(2025, 1, 1, tzinfo=UTC),
                removed_at=change if i + 1 < len(serials) else None,
            )  # fmt: skip
            Register.objects.create(installation=installation, ref="energy", quantity="energy", unit="kWh")
        ids[name] = str(point.public_id)
    return ids


def contract_register_ids(mine: MeteringPoint, other: MeteringPoint) -> dict[str, str]:
    """A register at a contract's point, and one at a point of another contract."""
    found = {}
    for name, point in (("contract_register", mine), ("other_contract_register", other)):
        register = Register.objects.create(
            installation=point.installations.get(), ref="Q_delta", quantity="energy", unit="Gcal", exponent=-6
        )
        found[name] = str(register.public_id)
    return found
