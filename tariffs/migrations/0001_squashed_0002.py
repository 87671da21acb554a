"""The tables as they stand, in one step: a fresh database takes half the time. A database that has some of the
steps takes the rest of them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("tariffs", "0001_initial"), ("tariffs", "0002_day_colours")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0004"),
        ("servers", "0001_squashed_0007"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayColour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("option", models.CharField(choices=[("tempo", "Tempo"), ("ejp", "EJP")], max_length=8)),
                ("day", models.DateField()),
                (
                    "colour",
                    models.CharField(
                        choices=[("blue", "blue"), ("white", "white"), ("red", "red"), ("ejp", "EJP")],
                        max_length=8,
                    ),
                ),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.programme",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "option", "day"), name="day_colour_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ParameterValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Administrator Programme"),
                            (2, "Operator Programme"),
                            (3, "Operator Building"),
                            (4, "Operator Dwelling"),
                            (5, "Occupant Dwelling"),
                        ]
                    ),
                ),
                ("key", models.CharField(max_length=40)),
                ("value", models.CharField(max_length=40)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "building",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.building",
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.dwelling",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.programme",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("building", None), ("dwelling", None)),
                        fields=("programme", "level", "key", "valid_from"),
                        name="programme_parameter_once_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("building__isnull", False)),
                        fields=("programme", "level", "building", "key", "valid_from"),
                        name="building_parameter_once_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("dwelling__isnull", False)),
                        fields=("programme", "level", "dwelling", "key", "valid_from"),
                        name="dwelling_parameter_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="parameter_ends_after_it_begins",
                    ),
                ],
            },
        ),
    ]
