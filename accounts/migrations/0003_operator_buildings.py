from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_session_epoch"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="buildings",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
