from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # checks, job handlers and mails register themselves
        from accounts import checks, dbguard, logs, mails, tasks  # noqa: F401
        from accounts.privacy import own

        logs.install()
        own.register()
        connection_created.connect(dbguard.watch_connection, dispatch_uid="accounts.dbguard")
        pre_migrate.connect(dbguard.lift_triggers, sender=self, dispatch_uid="accounts.lift")
        post_migrate.connect(dbguard.install_guards, sender=self, dispatch_uid="accounts.guards")
