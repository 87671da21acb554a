"""The tables as they stand, in one step: a fresh database takes half the time. A database that has some of the
steps takes the rest of them."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("readings", "0001_initial"),
        ("readings", "0002_replaced_records"),
        ("readings", "0003_sheets_and_hints"),
        ("readings", "0004_review"),
        ("readings", "0005_bands_of"),
        ("readings", "0006_imports_checked_and_undone"),
        ("readings", "0007_lers_profile_rows"),
        ("readings", "0008_desk"),
        ("readings", "0009_statements"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0004"),
        ("servers", "0001_squashed_0007"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchiveSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hour", "Hour"),
                            ("day", "Day"),
                            ("month", "Month"),
                            ("totals", "Totals"),
                            ("current", "Current"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "meter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="servers.meter"
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="archive_series",
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
                        fields=("programme", "point", "meter", "kind"), name="series_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Bill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("month", models.DateField()),
                ("content", models.CharField(max_length=64)),
                ("figures", models.JSONField(default=dict)),
                ("language", models.CharField(default="ru", max_length=2)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("made_at", models.DateTimeField(null=True)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.contract"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.outboxmessage",
                    ),
                ),
                (
                    "ordered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
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
                    models.UniqueConstraint(
                        fields=("programme", "contract", "month", "ordered_by", "content"), name="bill_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BuildingMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("uses", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "building",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="servers.building"
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
                        fields=("programme", "building", "month"), name="building_month_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Calendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("time_zone", models.CharField(max_length=64)),
                ("option", models.CharField(max_length=40)),
                ("bands", models.JSONField(default=dict)),
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
                    models.UniqueConstraint(fields=("programme", "time_zone", "option"), name="calendar_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="BandsOf",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "programme_id",
                        "register_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
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
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="servers.register",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="readings.calendar",
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
            name="CalendarCut",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "programme_id",
                        "calendar_id",
                        "at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("next_at", models.BigIntegerField()),
                ("day", models.IntegerField()),
                ("band", models.SmallIntegerField()),
                (
                    "calendar",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="readings.calendar",
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
                "indexes": [models.Index(fields=["programme", "calendar", "day"], name="cut_by_day")],
            },
        ),
        migrations.CreateModel(
            name="DayTotal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "programme_id",
                        "register_id",
                        "day",
                        "band",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.IntegerField()),
                ("band", models.SmallIntegerField(default=0)),
                ("quantity", models.BigIntegerField()),
                ("seconds", models.BigIntegerField()),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Measured"), (1, "Estimated"), (2, "Disputed"), (3, "Substituted")],
                        default=0,
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
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.register",
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
            name="DeskSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_day", models.PositiveSmallIntegerField(default=25)),
                ("due_next_month", models.BooleanField(default=False)),
                ("remind", models.BooleanField(default=False)),
                ("remind_before", models.PositiveSmallIntegerField(default=3)),
                ("metering_name", models.CharField(blank=True, max_length=200)),
                ("metering_phones", models.CharField(blank=True, max_length=200)),
                ("metering_email", models.EmailField(blank=True, max_length=254)),
                ("software_name", models.CharField(blank=True, max_length=200)),
                ("software_phones", models.CharField(blank=True, max_length=200)),
                ("software_email", models.EmailField(blank=True, max_length=254)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                "constraints": [models.UniqueConstraint(fields=("programme",), name="desk_settings_once")],
            },
        ),
        migrations.CreateModel(
            name="HandEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.BigIntegerField()),
                ("value", models.BigIntegerField()),
                ("token", models.UUIDField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("warnings", models.JSONField(default=list)),
                ("receipt_number", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="readings.handentry",
                    ),
                ),
                (
                    "entered_by",
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
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.register",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["programme", "register", "at"], name="hand_entry_by_register")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "token", "register"), name="hand_entry_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Hint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("energy", "Energy"), ("money", "Money"), ("leak", "Leak")], max_length=8
                    ),
                ),
                ("usage", models.CharField(blank=True, max_length=14)),
                ("limit", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="servers.dwelling"
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "user", "dwelling", "kind", "usage"), name="hint_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HintSent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.DateField()),
                ("threshold", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "hint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sent", to="readings.hint"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.outboxmessage",
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
                        fields=("programme", "hint", "period", "threshold"), name="hint_sent_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "format",
                    models.CharField(
                        choices=[("lers", "Lers"), ("table", "Table")], default="lers", max_length=5
                    ),
                ),
                ("parcel", models.UUIDField(null=True)),
                ("file_name", models.CharField(max_length=200)),
                ("stored_as", models.CharField(blank=True, max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("replace", models.BooleanField(default=False)),
                ("check_first", models.BooleanField(default=False)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("mapping", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("mapping", "Mapping"),
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("checked", "Checked"),
                            ("cancelled", "Cancelled"),
                            ("done", "Done"),
                            ("done_with_issues", "Done With Issues"),
                            ("refused", "Refused"),
                            ("undone", "Undone"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=40)),
                ("refusal_data", models.JSONField(default=dict)),
                ("bytes_done", models.BigIntegerField(default=0)),
                ("report", models.JSONField(default=dict)),
                ("receipt_number", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "point",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_jobs",
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
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["programme", "point", "created_at"], name="import_by_point"),
                    models.Index(fields=["programme", "sha256"], name="import_by_hash"),
                    models.Index(fields=["programme", "parcel"], name="import_by_parcel"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportIssue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.IntegerField(null=True)),
                ("point", models.CharField(blank=True, max_length=40)),
                ("field", models.CharField(blank=True, max_length=60)),
                ("value", models.CharField(blank=True, max_length=120)),
                ("code", models.CharField(max_length=40)),
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
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="issues",
                        to="readings.importjob",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme", "job"], name="issue_by_job")],
            },
        ),
        migrations.CreateModel(
            name="DeviceFault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("archive_type", models.CharField(blank=True, max_length=60)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("code", models.CharField(max_length=40)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("seconds", models.BigIntegerField(null=True)),
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
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.archiveseries",
                    ),
                ),
                (
                    "import_job",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.importjob",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "series", "at", "archive_type", "channel", "code"),
                        name="device_fault_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchiveRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "programme_id",
                        "series_id",
                        "start",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("start", models.BigIntegerField()),
                ("t_in", models.FloatField(null=True)),
                ("t_out", models.FloatField(null=True)),
                ("t_delta", models.FloatField(null=True)),
                ("t_cw", models.FloatField(null=True)),
                ("t_outdoor", models.FloatField(null=True)),
                ("m_in", models.FloatField(null=True)),
                ("m_out", models.FloatField(null=True)),
                ("m_delta", models.FloatField(null=True)),
                ("v_in", models.FloatField(null=True)),
                ("v_out", models.FloatField(null=True)),
                ("v_delta", models.FloatField(null=True)),
                ("p_in", models.FloatField(null=True)),
                ("p_out", models.FloatField(null=True)),
                ("p_delta", models.FloatField(null=True)),
                ("q_in", models.FloatField(null=True)),
                ("q_out", models.FloatField(null=True)),
                ("q_delta", models.FloatField(null=True)),
                ("normal_operation_duration", models.FloatField(null=True)),
                ("stop_duration", models.FloatField(null=True)),
                ("flow_underrun_duration", models.FloatField(null=True)),
                ("flow_overrun_duration", models.FloatField(null=True)),
                ("temp_diff_low_duration", models.FloatField(null=True)),
                ("no_power_duration", models.FloatField(null=True)),
                ("incident_duration", models.FloatField(null=True)),
                ("saturated_steam_duration", models.FloatField(null=True)),
                ("flags", models.IntegerField(default=0)),
                ("bad", models.BigIntegerField(default=0)),
                ("calculated", models.BigIntegerField(default=0)),
                ("interpolated", models.BigIntegerField(default=0)),
                ("reset", models.BigIntegerField(default=0)),
                ("extra", models.JSONField(null=True)),
                ("suspect", models.BigIntegerField(null=True)),
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
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.archiveseries",
                    ),
                ),
                (
                    "import_job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.importjob",
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
            name="IngestBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField()),
                ("body_sha256", models.CharField(max_length=64)),
                ("answer", models.JSONField(null=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="servers.server"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme", "received_at"], name="batch_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "server", "uuid"), name="batch_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="LersProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "hour_stamp",
                    models.CharField(
                        choices=[("start", "the start of the period"), ("end", "the end of the period")],
                        default="start",
                        max_length=5,
                    ),
                ),
                (
                    "day_stamp",
                    models.CharField(
                        choices=[("start", "the start of the period"), ("end", "the end of the period")],
                        default="start",
                        max_length=5,
                    ),
                ),
                (
                    "month_stamp",
                    models.CharField(
                        choices=[("start", "the start of the period"), ("end", "the end of the period")],
                        default="start",
                        max_length=5,
                    ),
                ),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("units", models.JSONField(default=dict)),
                (
                    "duplicates",
                    models.CharField(
                        choices=[
                            ("all", "everybody who sends files may replace stored values"),
                            ("desk", "only the utility's desk may replace stored values"),
                            ("keep", "stored values are always kept"),
                        ],
                        default="all",
                        max_length=4,
                    ),
                ),
                (
                    "decimal",
                    models.CharField(
                        choices=[("any", "point or comma"), (".", "decimal point"), (",", "decimal comma")],
                        default="any",
                        max_length=3,
                    ),
                ),
                ("names", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
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
                    models.UniqueConstraint(fields=("programme", "version"), name="lers_profile_version_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="importjob",
            name="profile",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="readings.lersprofile",
            ),
        ),
        migrations.CreateModel(
            name="MonthlySheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("month", models.DateField()),
                ("figures", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="servers.dwelling"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.outboxmessage",
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
                    "resent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.outboxmessage",
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
                "indexes": [models.Index(fields=["programme", "month"], name="sheet_by_month")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "dwelling", "user", "month"), name="sheet_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberApplication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("address", models.CharField(max_length=250)),
                ("organisation", models.CharField(blank=True, max_length=200)),
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
                        default="heat",
                        max_length=12,
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=80)),
                ("serial", models.CharField(blank=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("assigned", "assigned"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("token", models.UUIDField(default=uuid.uuid4)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "applicant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="number_applications",
                        to="accounts.contract",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
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
                "indexes": [
                    models.Index(fields=["programme", "state", "created_at"], name="number_application_queue")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "token"), name="number_application_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ParkedReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("meter_ref", models.CharField(max_length=64)),
                ("register_ref", models.CharField(max_length=64)),
                ("at", models.BigIntegerField()),
                ("value", models.CharField(max_length=40)),
                ("spool", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("parked_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="servers.server"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "server", "meter_ref", "register_ref", "at", "spool", "seq"),
                        name="parked_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PeriodClosing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("month", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("done", "Done")], default="queued", max_length=8
                    ),
                ),
                (
                    "fill",
                    models.CharField(
                        choices=[("none", "None"), ("mean", "Mean")], default="none", max_length=8
                    ),
                ),
                ("closed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reopened_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
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
                    "reopened_by",
                    models.ForeignKey(
                        null=True,
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at", None)),
                        fields=("programme", "month"),
                        name="period_closed_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "programme_id",
                        "register_id",
                        "at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("value", models.BigIntegerField()),
                (
                    "source",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Gateway"), (2, "Hand"), (3, "File"), (4, "Operator")], default=1
                    ),
                ),
                ("spool", models.BigIntegerField(default=0)),
                ("seq", models.BigIntegerField(default=0)),
                ("used", models.BooleanField(default=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("marks", models.SmallIntegerField(db_default=0, default=0)),
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
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.register",
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
            name="ReadingBefore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("value", models.BigIntegerField(null=True)),
                ("source", models.PositiveSmallIntegerField(default=0)),
                ("spool", models.BigIntegerField(default=0)),
                ("seq", models.BigIntegerField(default=0)),
                ("used", models.BooleanField(default=True)),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readings_before",
                        to="readings.importjob",
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
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.register",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "job", "register", "at"), name="reading_before_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplacedRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.BigIntegerField()),
                ("record", models.JSONField()),
                (
                    "import_job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.importjob",
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
                    "replaced_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.importjob",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.archiveseries",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme", "series", "start"], name="replaced_by_period")],
            },
        ),
        migrations.CreateModel(
            name="ReviewItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("subject", models.CharField(max_length=200)),
                ("rule", models.CharField(max_length=20)),
                ("at", models.BigIntegerField()),
                ("until", models.BigIntegerField()),
                ("count", models.IntegerField(default=1)),
                ("field", models.CharField(blank=True, max_length=140)),
                ("value", models.CharField(blank=True, max_length=40)),
                ("unit", models.CharField(blank=True, max_length=12)),
                ("detail", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be reviewed"),
                            ("accepted", "accepted as it is"),
                            ("corrected", "corrected"),
                            ("left_out", "left out"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("correction", models.CharField(blank=True, max_length=40)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_items",
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
                (
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.register",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.archiveseries",
                    ),
                ),
                (
                    "server",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servers.server",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["programme", "state", "-at"], name="review_by_state"),
                    models.Index(fields=["programme", "point", "state"], name="review_by_point"),
                    models.Index(fields=["programme", "register", "at"], name="review_by_register"),
                    models.Index(fields=["programme", "series", "at"], name="review_by_series"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "subject", "rule", "at"), name="review_item_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("medium", models.CharField(max_length=12)),
                ("quantity", models.CharField(max_length=20)),
                ("low", models.CharField(blank=True, max_length=20)),
                ("high", models.CharField(blank=True, max_length=20)),
                ("rate", models.CharField(blank=True, max_length=20)),
                ("frozen_hours", models.CharField(blank=True, max_length=6)),
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
                        fields=("programme", "medium", "quantity"), name="review_limit_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SheetSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("energy_mix", models.JSONField(blank=True, default=list)),
                ("mix_note", models.CharField(blank=True, max_length=300)),
                ("contacts", models.TextField(blank=True, max_length=1000)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                "constraints": [models.UniqueConstraint(fields=("programme",), name="sheet_settings_once")],
            },
        ),
        migrations.CreateModel(
            name="StatementImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=8)),
                ("lines", models.IntegerField(default=0)),
                ("added", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    "uploaded_by",
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
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "sha256"), name="statement_import_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("month", models.DateField()),
                ("service", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opening", "Opening"),
                            ("charged", "Charged"),
                            ("additional", "Additional"),
                            ("refunded", "Refunded"),
                            ("paid", "Paid"),
                        ],
                        max_length=10,
                    ),
                ),
                ("minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("key", models.CharField(max_length=120)),
                ("about", models.DateField(null=True)),
                ("detail", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "closing",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.periodclosing",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contract",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
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
                (
                    "statement_import",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="readings.statementimport",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["programme", "contract", "month"], name="entry_by_contract"),
                    models.Index(fields=["programme", "month", "point"], name="entry_by_point"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "key"), name="statement_entry_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SupersededReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("value", models.BigIntegerField()),
                ("source", models.PositiveSmallIntegerField()),
                ("spool", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("superseded_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="servers.register"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "register", "at", "source", "spool", "seq"),
                        name="superseded_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TableMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("columns", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
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
                    models.UniqueConstraint(fields=("programme", "name"), name="table_mapping_name_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TouchedSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("t0", models.BigIntegerField()),
                ("t1", models.BigIntegerField()),
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
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="servers.register",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme", "register"], name="touched_by_register")],
            },
        ),
        migrations.CreateModel(
            name="UploadReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.DateField()),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "period", "user"), name="upload_reminder_once"
                    )
                ],
            },
        ),
    ]
