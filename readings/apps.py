from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "readings"

    def ready(self) -> None:
        from readings import import_tasks, mails, tasks  # noqa: F401  (handlers and mail kinds register themselves)
