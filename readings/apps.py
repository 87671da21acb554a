from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReadingsConfig(AppConfig):
    name = "readings"

    def ready(self) -> None:
        # handlers and mail kinds register themselves
        from readings import mails, privacy, tasks  # noqa: F401
        from readings.applications import mails as application_mails  # noqa: F401
        from readings.batches import function as batch_function
        from readings.consumption.columns import energy_columns
        from readings.desk import first_steps
        from readings.desk import mails as desk_mails  # noqa: F401
        from readings.desk import sentences as desk_sentences
        from readings.desk import tasks as desk_tasks  # noqa: F401
        from readings.hand_entry import mails as entry_mails  # noqa: F401
        from readings.hints import mails as hint_mails  # noqa: F401
        from readings.hints import tasks as hint_tasks  # noqa: F401
        from readings.imports import tasks as import_tasks  # noqa: F401
        from readings.last_values import last_values_of
        from readings.partitions import functions as piece_functions
        from readings.sheets import mails as sheet_mails  # noqa: F401
        from readings.sheets import tasks as sheet_tasks  # noqa: F401
        from readings.statements import closing
        from readings.statements import mails as statement_mails  # noqa: F401
        from readings.statements import tasks as statement_tasks  # noqa: F401
        from servers.columns import register_dwelling_columns, register_last_values

        first_steps.register()
        desk_sentences.register()
        register_last_values(last_values_of)
        register_dwelling_columns(energy_columns)
        closing.register()
        privacy.register()
        post_migrate.connect(batch_function.install, sender=self, dispatch_uid="readings.batch_function")
        post_migrate.connect(piece_functions.install, sender=self, dispatch_uid="readings.pieces")
