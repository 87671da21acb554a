from django.apps import AppConfig


class ServersConfig(AppConfig):
    name = "servers"

    def ready(self) -> None:
        from accounts.buildings import register_buildings
        from accounts.services.addresses import at_handover
        from servers import mails, tasks  # noqa: F401  (mail kinds and job handlers register themselves)
        from servers.selectors.buildings import standing_buildings
        from servers.services.credentials import passwords_unread_end

        register_buildings(standing_buildings)
        at_handover(passwords_unread_end)
        from servers import privacy

        privacy.register()
