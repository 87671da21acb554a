"""From a figure to what it was made of, and never a day beyond the reader's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage

from accounts.models import AuditEntry, Contract, ContractClaim
from accounts.tenancy import tenant_scope
from readings.imports.work import import_file
from readings.models import ImportJob, IngestBatch, RawTelegram, ReviewItem
from readings.services.forgetting import received_forget
from readings.totals.drain import totals_drain
from servers.models import Building, Dwelling, Meter, MeteringPoint, MeterInstallation, Occupancy, Register
from testkit.world import World
from tests.readings.gateway_world import NOW, Box, D, item, make_box, standing_clock

_clock = standing_clock()


@pytest.fixture
def box(world: World) -> Box:
    """An occupant who moved in on 5 November and out on the 8th, in a dwelling that was read before and after."""
    box = make_box(world.ours.programme)
    with tenant_scope(box.programme.pk):
        building = Building.objects.create(ref="A", name="Tilleuls")
        dwelling = Dwelling.objects.create(building=building, ref="1", name="Home")
        Occupancy.objects.create(
            dwelling=dwelling, user=world.ours.occupant, move_in=date(2026, 11, 5), move_out=date(2026, 11, 8)
        )
        box.meter("m1", dwelling=dwelling)
    box.register(exponent=0)
    box.send(*(item(40 + i, D[i], str(7000 + 11 * i)) for i in range(11) if i not in (4, 7)))
    return box


def urls(box: Box) -> tuple[str, str]:
    with tenant_scope(box.programme.pk):
        register, dwelling = Register.objects.get(), Dwelling.objects.get()
    start = f"/p/{box.programme.slug}/readings"
    return f"{start}/of-register/{register.public_id}/", f"{start}/of-dwelling/{dwelling.public_id}/"


def test_from_a_total_to_the_batch(
    box: Box, world: World, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    of_register, of_dwelling = urls(box)
    desk = sign_in(world.ours.operator)
    page = desk.get(of_dwelling).content.decode()
    assert of_register in page
    assert "110" in page  # ten days of eleven
    days = desk.get(f"{of_register}?month=2026-11").content.decode()
    assert "?day=2026-11-02" in days
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        box.send(item(80, D[2], "7023"))  # a correction: the first value stays to be seen
    desk.get(f"{of_register}?day=2026-11-02")  # brings the totals up to date
    with django_assert_max_num_queries(30):
        day = desk.get(f"{of_register}?day=2026-11-02").content.decode()
    with tenant_scope(box.programme.pk):
        batch = IngestBatch.objects.order_by("pk").first()
        looks = AuditEntry.objects.filter(action="consumption.seen").count()
    for word in ("7,011", "7,023", "7,022", "number 41", "number 80", str(batch.uuid), "12"):
        assert word in day, word
    assert looks == 1
    for wrong in ("2026-13-01", "x", "1900-01-01", "2026-11-02T00:00"):
        assert desk.get(f"{of_register}?day={wrong}").status_code == 404


def test_a_telegram_is_kept_once_and_shown_to_those_who_review(box: Box, world: World, sign_in: Any) -> None:
    of_register, _of_dwelling = urls(box)
    told = {"meter": "m1", "taken_at": D[4], "frames": "68AA16,68bb16"}
    stray = [
        {**told, "meter": "m2"},
        {**told, "taken_at": D[5]},
        {**told, "frames": "xyz"},
        "no telegram",
        {},
    ]
    for seq, value in ((90, "7044"), (91, "7045")):
        box.send(
            item(seq, D[4], value), item(seq + 10, D[4], "1", meter="m2"), telegrams=[told, told, *stray]
        )
    with tenant_scope(box.programme.pk):
        assert list(RawTelegram.objects.values_list("meter_ref", "frames")) == [("m1", "68aa16,68bb16")]
    page = sign_in(world.ours.operator).get(f"{of_register}?day=2026-11-05").content.decode()
    assert "68aa16</code>" in page
    assert "68bb16</code>" in page
    own = sign_in(world.ours.occupant).get(f"{of_register}?day=2026-11-05").content.decode()
    assert "7,045" in own
    assert "68aa16" not in own
    with time_machine.travel(NOW + timedelta(days=36), tick=False):
        received_forget(programme_id=box.programme.pk)
    with tenant_scope(box.programme.pk):
        assert not RawTelegram.objects.exists()


def test_an_occupant_sees_their_days_and_no_value_beyond(box: Box, world: World, sign_in: Any) -> None:
    of_register, of_dwelling = urls(box)
    home = sign_in(world.ours.occupant)
    page = home.get(of_dwelling).content.decode()
    assert "33" in page  # three days of eleven
    days = home.get(of_register).content.decode()
    assert "?day=2026-11-05" in days
    assert "?day=2026-11-04" not in days
    assert "?day=2026-11-08" not in days
    for day in ("2026-11-04", "2026-11-08"):
        assert home.get(f"{of_register}?day={day}").status_code == 404
    # the 5th has no reading at its midnight: the one of the 4th lies beyond, and so does that of the 9th
    first = home.get(f"{of_register}?day=2026-11-05").content.decode()
    assert "7,055" in first
    assert "7,033" not in first
    assert "beyond your own days" in first
    last = home.get(f"{of_register}?day=2026-11-07").content.decode()
    assert "7,066" in last
    assert "7,088" not in last
    with tenant_scope(box.programme.pk):
        Occupancy.objects.all().delete()
    assert home.get(of_register).status_code == 404
    assert sign_in(world.theirs.operator).get(of_register).status_code == 404


HOURS = "".join(
    f"<record><dateTime>2026-11-0{1 + h // 24}T{h % 24:02}:00:00</dateTime>\n<Q_delta>0,{h + 1:03}</Q_delta></record>\n"
    for h in range(48)
)
ARCHIVE = f"""<?xml version="1.0" encoding="utf-8"?><lersData><measurePoint><syncNumber>501</syncNumber><intervals>
<interval><dataType>Hour</dataType>
{HOURS}</interval></intervals></measurePoint></lersData>"""


def test_from_a_total_to_the_row_of_the_file(world: World, sign_in: Any, tmp_path: Any) -> None:
    utility = world.utility
    path = tmp_path / "hours.xml"
    path.write_text(ARCHIVE, encoding="utf-8")
    with tenant_scope(utility.programme.pk):
        contract = Contract.objects.create(
            kind="contract", number="7", city="Чита", holder="H", phone="9991234567"
        )
        ContractClaim.objects.create(contract=contract, user=utility.consumer)
        point = MeteringPoint.objects.create(
            number="501", name="P", medium="heat", usage="heating", contract=contract, totals_source="archive"
        )
        meter = Meter.objects.create(serial="9", medium="heat")
        MeterInstallation.objects.create(
            meter=meter, point=point, installed_at=datetime(2020, 1, 1, tzinfo=UTC)
        )
    job = import_file(programme=utility.programme, path=path, point=None)
    assert job.state == ImportJob.State.DONE
    consumer = sign_in(utility.consumer)
    page = consumer.get(f"/p/{utility.programme.slug}/readings/of-point/{point.public_id}/").content.decode()
    with tenant_scope(utility.programme.pk):
        register = Register.objects.get(ref="Q_delta")
    url = f"/p/{utility.programme.slug}/readings/of-contract-register/{register.public_id}/"
    assert url in page
    day = consumer.get(f"{url}?day=2026-11-01").content.decode()
    assert "hours.xml" in day
    row = day.split("&amp;row=")[6].split("#")[0]  # of five o'clock
    found = consumer.get(f"{url}?day=2026-11-01&row={row}").content.decode()
    assert "line 13" in found, found[found.find("The row of") :][:300]
    assert "0.006" in found
    with tenant_scope(utility.programme.pk):
        default_storage.delete(ImportJob.objects.get().stored_as)
    assert "cannot be shown" in consumer.get(f"{url}?day=2026-11-01&row={row}").content.decode()


def test_an_instantaneous_register_shows_its_extremes(box: Box, world: World, sign_in: Any) -> None:
    register = box.register(ref="temp", quantity="temperature", unit="C", exponent=-1, kind="instantaneous")
    sent = (
        ("2026-10-25T01:30:00+02:00", "20"),
        ("2026-10-25T23:30:00+01:00", "21"),
        ("2026-10-26T00:00:00+01:00", "5"),
    )
    box.send(*(item(90 + i, at, value, register="temp") for i, (at, value) in enumerate(sent)))
    url = f"/p/{box.programme.slug}/readings/of-register/{register.public_id}/?month=2026-10"
    page = sign_in(world.ours.operator).get(url).content.decode()
    for word in ("20.0", "20.50", "21.0", "5.00"):
        assert word in page, word


def test_a_day_that_an_operator_put_right_says_so(box: Box, world: World, sign_in: Any) -> None:
    box.send(item(95, D[6], "7020"))  # lower than the day before
    desk = sign_in(world.ours.operator)
    with tenant_scope(box.programme.pk):
        totals_drain(programme_id=box.programme.pk)
        wrong = ReviewItem.objects.get(state="open")
    url = f"/p/{box.programme.slug}/readings/review/{wrong.public_id}/"
    assert desk.post(url, {"decision": "corrected", "value": "7066", "reason": "misread"}).status_code == 302
    page = sign_in(world.ours.occupant).get(f"/p/{box.programme.slug}/home/?period=month&at=2026-11")
    assert page.context["corrected"] == 2  # the 6th ends, and the 7th begins at this reading
    notes = {row.title: row.note for row in page.context["chart"].rows if row.note}
    assert set(notes.values()) == {"corrected by the operator"}
    assert len(notes) == 2
