"""`Programme.settings["occupants_see_euros"]` was the only right of occupants; it moves to the others."""

from django.db import migrations

SETTING = "occupants_see_euros"


def move(apps, schema_editor):
    Programme = apps.get_model("accounts", "Programme")
    OccupantRight = apps.get_model("servers", "OccupantRight")
    for programme in Programme.objects.filter(settings__has_key=SETTING):
        allowed = bool(programme.settings.pop(SETTING))
        OccupantRight.objects.update_or_create(
            programme_id=programme.pk,
            key="euros",
            occupancy=None,
            defaults={"right": "euros", "allowed": allowed},
        )
        Programme.objects.filter(pk=programme.pk).update(settings=programme.settings)


def back(apps, schema_editor):
    Programme = apps.get_model("accounts", "Programme")
    OccupantRight = apps.get_model("servers", "OccupantRight")
    for right in OccupantRight.objects.filter(key="euros", occupancy=None):
        programme = Programme.objects.get(pk=right.programme_id)
        programme.settings[SETTING] = right.allowed
        Programme.objects.filter(pk=programme.pk).update(settings=programme.settings)
        right.delete()


class Migration(migrations.Migration):
    dependencies = [("servers", "0006_occupant_rights")]
    operations = [migrations.RunPython(move, back)]
