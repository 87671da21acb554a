"""The profile of a utility moves from its programme's settings into a row of its own: version 1."""

from django.db import migrations

from accounts.tenancy import unscoped

COLUMNS = ("hour_stamp", "day_stamp", "month_stamp", "decimal")
NAMES = ("aliases", "parameter_ids", "point_keys", "time_keys")


def move(apps, schema_editor):
    programmes = apps.get_model("accounts", "Programme")
    profiles = apps.get_model("readings", "LersProfile")
    with unscoped(reason="moving each programme's LERS profile into its own table"):
        for programme in programmes.objects.filter(settings__has_key="lers_profile"):
            given = programme.settings.pop("lers_profile") or {}
            if given:
                profiles.objects.create(
                    programme_id=programme.pk,
                    version=1,
                    names={name: given[name] for name in NAMES if name in given},
                    **{name: given[name] for name in COLUMNS if name in given},
                )
            programme.save(update_fields=["settings"])


class Migration(migrations.Migration):
    dependencies = [("readings", "0006_imports_checked_and_undone")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
