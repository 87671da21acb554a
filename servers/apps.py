from django.apps import AppConfig


class ServersConfig(AppConfig):
    name = "servers"

    def ready(self) -> None:
        from accounts.buildings import register_buildings
        from servers import mails, tasks  # noqa: F401  (mail kinds and job handlers register themselves)
        from servers.selectors.buildings import standing_buildings

        register_buildings(standing_buildings)
        from servers import privacy

        privacy.register()
