from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "readings"

    def ready(self) -> None:
        from readings import import_tasks, mails, tasks  # noqa: F401  (handlers and mail kinds register themselves)
        from readings.consumption.columns import energy_columns
        from readings.hints import mails as hint_mails  # noqa: F401
        from readings.hints import tasks as hint_tasks  # noqa: F401
        from readings.last_values import last_values_of
        from readings.sheets import mails as sheet_mails  # noqa: F401
        from readings.sheets import tasks as sheet_tasks  # noqa: F401
        from servers.columns import register_dwelling_columns, register_last_values

        register_last_values(last_values_of)
        register_dwelling_columns(energy_columns)
        from readings import privacy

        privacy.register()
