from django.apps import AppConfig


class TariffsConfig(AppConfig):
    name = "tariffs"

    def ready(self) -> None:
        from servers.first_steps import register_step_check
        from tariffs.models import ParameterValue

        register_step_check("tariffs", ParameterValue.objects.all)
