from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_browsers_exports_and_looks")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="deaths",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
