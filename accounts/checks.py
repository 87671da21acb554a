"""What the start refuses: models that could leak between programmes, and views that say nothing about access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.tenancy import TenantManager, TenantModel


@checks.register
def check_tenant_models(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(message, obj=model, id=f"tenancy.E{number:03}")
        for model in apps.get_models()
        for number, message in _faults(model)
    ]


def _faults(model: Any) -> Iterator[tuple[int, str]]:
    tenant = issubclass(model, TenantModel)
    for field in model._meta.local_fields:
        target = field.related_model if field.is_relation else None
        if not isinstance(target, type):
            continue
        if not tenant and issubclass(target, TenantModel):
            yield 1, f"{field.name} points at a programme's model from a global one"
        if tenant and not issubclass(target, TenantModel) and not field.remote_field.hidden:
            yield 2, f"{field.name}: a reverse name into a programme's model; use related_name='+'"
    if not tenant:
        return
    for manager in model._meta.managers:
        if not isinstance(manager, TenantManager):
            yield 3, f"manager {manager.name} is no TenantManager"
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key and field.get_internal_type() != "UUIDField":
            yield 4, f"{field.name} is unique over all programmes"
    for field in model._meta.local_many_to_many:
        if field.remote_field.through._meta.auto_created:
            yield 5, f"{field.name}: an automatic through table has no programme"
    for constraint in model._meta.constraints:
        fields = getattr(constraint, "fields", None)
        if fields and fields[0] != "programme":
            yield 6, f"constraint {constraint.name} does not start with the programme"
    for index in model._meta.indexes:
        if index.fields and index.fields[0] != "programme":
            yield 7, f"index {index.name} does not start with the programme"


def views_of(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str | None, Any]]:
    """(route, qualified name, view) for everything in the URLconf; the access matrix walks it too."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views_of(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.name, entry.callback


@checks.register
def check_every_view_states_access(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"/{route} states no access: use @requires, @signed_in, @public or @server_authenticated",
            id="access.E001",
        )
        for route, _name, view in views_of()
        if getattr(view, "access", None) is None
    ]
