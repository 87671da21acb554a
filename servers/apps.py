from django.apps import AppConfig


class ServersConfig(AppConfig):
    name = "servers"

    def ready(self) -> None:
        from servers import mails, tasks  # noqa: F401  (mail kinds and job handlers register themselves)
