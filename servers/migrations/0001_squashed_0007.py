"""The tables as they stand, in one step: a fresh database takes half the time. A database that has some of the
steps takes the rest of them."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("servers", "0001_initial"),
        ("servers", "0002_orders_and_activations"),
        ("servers", "0003_occupant_name"),
        ("servers", "0004_commands_alerts_found_meters"),
        ("servers", "0005_lost_spans"),
        ("servers", "0006_occupant_rights"),
        ("servers", "0007_euros_become_a_right"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0004"),
    ]

    operations = [
        migrations.CreateModel(
            name="Building",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("ref", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
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
                    models.UniqueConstraint(fields=("programme", "ref"), name="building_ref_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CommonArea",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("ref", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "building",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="common_areas",
                        to="servers.building",
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
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("ref", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=40)),
                ("commands", models.JSONField(default=list)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("state", models.CharField(blank=True, default="", max_length=32)),
                ("state_at", models.DateTimeField(null=True)),
                (
                    "common_area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="devices",
                        to="servers.commonarea",
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
            },
        ),
        migrations.CreateModel(
            name="CommandOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("command", models.CharField(max_length=32)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("sent", "sent"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("expired", "expired"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("key", models.UUIDField(null=True)),
                (
                    "ordered_by",
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
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="servers.device",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme", "state", "expires_at"], name="order_waiting")],
                "constraints": [models.UniqueConstraint(fields=("programme", "key"), name="order_once")],
            },
        ),
        migrations.CreateModel(
            name="DeviceSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reauth_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("audit", models.BooleanField(default=True)),
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
                "constraints": [models.UniqueConstraint(fields=("programme",), name="device_settings_once")],
            },
        ),
        migrations.CreateModel(
            name="Dwelling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("ref", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("floor", models.SmallIntegerField(blank=True, null=True, verbose_name="floor")),
                ("area_cm2", models.BigIntegerField(blank=True, null=True)),
                (
                    "building",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dwellings",
                        to="servers.building",
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
            },
        ),
        migrations.AddField(
            model_name="device",
            name="dwelling",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="devices",
                to="servers.dwelling",
            ),
        ),
        migrations.CreateModel(
            name="Meter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("manufacturer", models.CharField(blank=True, max_length=60)),
                ("serial", models.CharField(max_length=40, verbose_name="serial number")),
                ("model", models.CharField(blank=True, max_length=80)),
                (
                    "medium",
                    models.CharField(
                        choices=[
                            ("heat", "heat"),
                            ("cooling", "cooling"),
                            ("hot_water", "hot water"),
                            ("cold_water", "cold water"),
                            ("electricity", "electricity"),
                            ("gas", "gas"),
                            ("temperature", "temperature"),
                            ("other", "other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("verified_on", models.DateField(blank=True, null=True, verbose_name="verified on")),
                ("verified_until", models.DateField(blank=True, null=True, verbose_name="verified until")),
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
                "indexes": [models.Index(fields=["programme", "serial"], name="meter_by_serial")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "manufacturer", "serial"), name="meter_serial_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MeteringPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "number",
                    models.CharField(
                        blank=True, max_length=20, null=True, verbose_name="metering point number"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("address", models.CharField(blank=True, max_length=250, verbose_name="address")),
                (
                    "medium",
                    models.CharField(
                        choices=[
                            ("heat", "heat"),
                            ("cooling", "cooling"),
                            ("hot_water", "hot water"),
                            ("cold_water", "cold water"),
                            ("electricity", "electricity"),
                            ("gas", "gas"),
                            ("temperature", "temperature"),
                            ("other", "other"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "usage",
                    models.CharField(
                        choices=[
                            ("heating", "heating"),
                            ("cooling", "cooling"),
                            ("hot_water", "hot water"),
                            ("sockets", "sockets"),
                            ("other", "other"),
                            ("water", "water"),
                            ("boiler", "boiler"),
                            ("heat_pump", "heat pump"),
                            ("heat_pump_dhw", "heat pump with hot water"),
                        ],
                        max_length=14,
                    ),
                ),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                (
                    "totals_source",
                    models.CharField(
                        choices=[("index", "index readings"), ("archive", "archive records")],
                        default="index",
                        max_length=8,
                    ),
                ),
                ("admitted_until", models.DateField(blank=True, null=True, verbose_name="admitted until")),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "building",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="servers.building",
                    ),
                ),
                (
                    "common_area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="servers.commonarea",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="accounts.contract",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
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
                "indexes": [
                    models.Index(fields=["programme", "dwelling"], name="point_by_dwelling"),
                    models.Index(fields=["programme", "contract"], name="point_by_contract"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "number"), name="point_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="MeterInstallation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("installed_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "meter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="installations",
                        to="servers.meter",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="installations",
                        to="servers.meteringpoint",
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
                        fields=("programme", "point", "meter", "installed_at"), name="installation_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_at", None),
                            ("removed_at__gt", models.F("installed_at")),
                            _connector="OR",
                        ),
                        name="installation_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Occupancy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("move_in", models.DateField(verbose_name="move-in")),
                ("move_out", models.DateField(blank=True, null=True, verbose_name="move-out")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="occupancies",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme", "user"], name="occupancy_by_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("move_out", None), ("move_out__gt", models.F("move_in")), _connector="OR"
                        ),
                        name="occupancy_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "dwelling", "user", "move_in"), name="occupancy_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OccupantRight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "right",
                    models.CharField(
                        choices=[
                            ("euros", "see the consumption in euros"),
                            ("device", "see and control a device of the common areas"),
                            ("meter", "see a meter of the common areas"),
                        ],
                        max_length=6,
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=40)),
                ("allowed", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "common_area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="servers.commonarea",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="servers.device",
                    ),
                ),
                (
                    "occupancy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rights",
                        to="servers.occupancy",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="servers.meteringpoint",
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
                        condition=models.Q(("occupancy", None)),
                        fields=("programme", "key"),
                        name="right_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("occupancy__isnull", False)),
                        fields=("programme", "occupancy", "key"),
                        name="right_exception_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Register",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("ref", models.CharField(max_length=64)),
                (
                    "quantity",
                    models.CharField(
                        choices=[
                            ("energy", "energy"),
                            ("volume", "volume"),
                            ("mass", "mass"),
                            ("power", "power"),
                            ("volume_flow", "volume flow"),
                            ("flow_temperature", "flow temperature"),
                            ("return_temperature", "return temperature"),
                            ("temperature", "temperature"),
                        ],
                        max_length=20,
                    ),
                ),
                ("unit", models.CharField(max_length=8)),
                ("exponent", models.SmallIntegerField(default=-3)),
                ("tariff_index", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[("cumulative", "Cumulative"), ("instantaneous", "Instantaneous")],
                        default="cumulative",
                        max_length=13,
                    ),
                ),
                ("span", models.BigIntegerField(blank=True, null=True)),
                ("max_per_hour", models.BigIntegerField(blank=True, null=True)),
                ("gap_seconds", models.BigIntegerField(default=172800)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "installation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registers",
                        to="servers.meterinstallation",
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
                        condition=models.Q(("retired_at", None)),
                        fields=("programme", "installation", "ref"),
                        name="register_ref_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Server",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("serial", models.CharField(max_length=24, verbose_name="serial number")),
                ("description", models.CharField(max_length=120, verbose_name="description")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("activated_at", models.DateTimeField(null=True)),
                ("suspended_at", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("last_sync_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("spool_pending", models.PositiveIntegerField(null=True)),
                ("spool_oldest", models.DateTimeField(null=True)),
                ("silent_after_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("silent_alerted_at", models.DateTimeField(null=True)),
                ("instance", models.CharField(blank=True, default="", max_length=64)),
                ("past_instances", models.JSONField(default=list)),
                ("twin_alarm_at", models.DateTimeField(null=True)),
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
                        condition=models.Q(("removed_at", None)),
                        fields=("programme", "serial"),
                        name="server_serial_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("activation", models.PositiveIntegerField(default=0)),
                ("revision", models.BigIntegerField()),
                ("body_sha256", models.CharField(max_length=64)),
                ("document", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("faults", models.JSONField(default=list)),
                ("difference", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.job",
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
                (
                    "server",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="publications",
                        to="servers.server",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "server", "activation", "revision"), name="publication_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MeterRef",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.CharField(max_length=64)),
                ("valid_from", models.DateTimeField(null=True)),
                ("valid_to", models.DateTimeField(null=True)),
                (
                    "meter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refs", to="servers.meter"
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
                (
                    "server",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meter_refs",
                        to="servers.server",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme", "server", "ref"], name="meter_ref_lookup")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("programme", "server", "ref"),
                        name="meter_ref_current_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LostSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("meter_ref", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                (
                    "server",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lost_spans",
                        to="servers.server",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "server", "meter_ref", "since"), name="lost_span_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FoundMeter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("address", models.CharField(max_length=40)),
                ("manufacturer", models.CharField(blank=True, max_length=60)),
                ("serial", models.CharField(max_length=40, verbose_name="serial number")),
                (
                    "medium",
                    models.CharField(
                        choices=[
                            ("heat", "heat"),
                            ("cooling", "cooling"),
                            ("hot_water", "hot water"),
                            ("cold_water", "cold water"),
                            ("electricity", "electricity"),
                            ("gas", "gas"),
                            ("temperature", "temperature"),
                            ("other", "other"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                ("first_seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("dismissed_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
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
                (
                    "server",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found_meters",
                        to="servers.server",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "server", "manufacturer", "serial"), name="found_meter_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="dwelling",
            name="server",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dwellings",
                to="servers.server",
            ),
        ),
        migrations.AddField(
            model_name="device",
            name="server",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="devices", to="servers.server"
            ),
        ),
        migrations.AddField(
            model_name="commonarea",
            name="server",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="common_areas",
                to="servers.server",
            ),
        ),
        migrations.CreateModel(
            name="ServerCredential",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("server_id", models.BigIntegerField(unique=True)),
                ("serial", models.CharField(max_length=24, null=True, unique=True)),
                ("password_digest", models.CharField(max_length=64, null=True)),
                ("token_digest", models.CharField(max_length=64, null=True, unique=True)),
                ("next_token_digest", models.CharField(max_length=64, null=True, unique=True)),
                ("past_token_digest", models.CharField(max_length=64, null=True, unique=True)),
                ("token_used_at", models.DateTimeField(null=True)),
                ("activation_epoch", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.programme"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.UniqueConstraint(
                fields=("programme", "building", "ref"), name="dwelling_ref_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.UniqueConstraint(fields=("programme", "server", "ref"), name="device_ref_once"),
        ),
        migrations.AddConstraint(
            model_name="commonarea",
            constraint=models.UniqueConstraint(
                fields=("programme", "building", "ref"), name="common_area_ref_once"
            ),
        ),
    ]
