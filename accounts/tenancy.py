"""The tenancy kernel: every query on a programme's rows carries the programme, or does not run.

The scope is one `ContextVar`. The manager adds `programme_id = <current>` when SQL is *compiled*, so a queryset
built earlier cannot escape; writes fill the programme in and refuse another's. Rules for models and the 68 uses
of the ORM that were tried stand in docs/decisions/0003-tenancy.md. On PostgreSQL a scope is also a transaction
whose role and programme bind row-level security (`accounts.dbguard`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import FullResultSet
from django.db import connection, models, transaction

_UNSCOPED = -1
_programme_id: ContextVar[int | None] = ContextVar("programme_id", default=None)
APP_ROLE = "releve_app"  # what a scope takes on: sees one programme
# whom the portal signs in as is a member of this one, and sees all programmes where no scope narrows it
ALL_ROLE = "releve_all"
Row = TypeVar("Row")


class ProgrammeRequired(RuntimeError):
    """A programme's rows were touched outside `tenant_scope`."""


class CrossProgrammeWrite(RuntimeError):
    """A row of one programme was about to be written in the scope of another."""


def current_programme_id() -> int:
    """The programme in scope. Raises `ProgrammeRequired` when there is none (or when unscoped)."""
    current = _programme_id.get()
    if current is None or current == _UNSCOPED:
        raise ProgrammeRequired("enter tenant_scope(programme_id) first")
    return current


def _require() -> int:
    current = _programme_id.get()
    if current is None:
        raise ProgrammeRequired("enter tenant_scope(programme_id) first")
    return current


def programme_or_none() -> int | None:
    """The programme in scope, for those who only want to mention it."""
    current = _programme_id.get()
    return None if current in (None, _UNSCOPED) else current


def in_scope() -> bool:
    return _programme_id.get() is not None


# jit: compiling a statement of ours takes longer than the statement (0.74 of 1.29 s, measured), so nothing compiles
_BIND = "SELECT set_config('role', %s, true), set_config('app.programme', %s, true), set_config('jit', 'off', true)"


def _bind(current: int | None) -> None:
    """Tell PostgreSQL who is asking, for this transaction only (never session-wide: it would leak to the next)."""
    role = APP_ROLE if current is not None and current != _UNSCOPED else "none"
    programme = "" if current is None or current == _UNSCOPED else str(current)
    with connection.cursor() as cursor:
        cursor.execute(_BIND, [role, programme])


@contextmanager
def _entered(value: int | None) -> Iterator[None]:
    outer = _programme_id.get()
    token = _programme_id.set(value)
    try:
        yield
    finally:
        _programme_id.reset(token)
        # Back in the outer scope's transaction its values hold again; a broken one is rolled back by its owner.
        if connection.vendor == "postgresql" and connection.in_atomic_block and not connection.needs_rollback:
            _bind(outer)


@contextmanager
def tenant_scope(programme_id: int) -> Iterator[None]:
    """Everything inside reads and writes the rows of one programme.

    On PostgreSQL this is one transaction: keep it short, and let services open savepoints inside it.
    """
    if connection.vendor != "postgresql":
        with _entered(programme_id):
            yield
        return
    with _entered(programme_id), transaction.atomic():
        _bind(programme_id)
        yield


@contextmanager
def tenant_scope_asking(
    programme_id: int, *statements: tuple[str, Sequence[Any]]
) -> Iterator[list[tuple[Any, ...]]]:
    """A scope that is one transaction on every database, with the rows of the last of `statements`.

    For what comes a thousand times a minute: PostgreSQL is asked them in one go with the binding, which stands first.
    """
    with _entered(programme_id), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            bound = [(_BIND, [APP_ROLE, str(programme_id)]), *statements]
            cursor.execute(
                "; ".join(sql for sql, _ in bound), [value for _, values in bound for value in values]
            )
        else:
            for sql, values in statements:
                cursor.execute(sql, values)
        rows = cursor.fetchall()
        yield rows


@contextmanager
def unscoped(*, reason: str) -> Iterator[None]:
    """All programmes at once, as whoever signed in to the database: migrations, back-ups, checks. Never in a request."""
    if not reason:
        raise ValueError("say why")
    with _entered(_UNSCOPED):
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            _bind(_UNSCOPED)
        yield


@contextmanager
def no_scope() -> Iterator[None]:
    """What the outermost middleware and every task enter first: nothing is inherited from the caller."""
    if _programme_id.get() is None:
        yield
        return
    with _entered(None):
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            _bind(None)
        yield


def in_scope_of(programme_id: int, rows: Iterable[Row]) -> Iterator[Row]:
    """A stream that holds the scope only while it works, never while it waits at `yield`."""
    end = object()
    with tenant_scope(programme_id):
        iterator = iter(rows)
    while True:
        with tenant_scope(programme_id):
            row = next(iterator, end)
        if row is end:
            return
        yield row  # type: ignore[misc]


class InCurrentProgramme(models.Expression):
    """`programme_id = <current>`, decided when the SQL is compiled."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, column: Any = None) -> None:
        super().__init__()
        self.column = column if column is not None else models.F("programme_id")

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        current = _require()
        if current == _UNSCOPED:
            raise FullResultSet
        sql, params = compiler.compile(self.column)
        return f"{sql} = %s", [*params, current]


class TenantQuerySet(models.QuerySet[Any]):
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        objs = list(objs)
        for obj in objs:
            obj.claim_programme()
        named = {"programme", "programme_id"} & set(kwargs.get("unique_fields") or ())
        if kwargs.get("update_conflicts") and not named:
            raise CrossProgrammeWrite("unique_fields of an upsert must name the programme")
        return super().bulk_create(objs, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        if {"programme", "programme_id"} & kwargs.keys():
            raise CrossProgrammeWrite("rows do not move between programmes")
        return super().update(**kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("raw() carries no scope")


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(InCurrentProgramme())

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("raw() carries no scope")


class TenantModel(models.Model):
    """A row that belongs to one programme. Its keys and indexes start with `programme`."""

    programme = models.ForeignKey(
        "accounts.Programme", models.PROTECT, related_name="+", editable=False, db_index=False
    )
    objects = TenantManager()
    guarded_by_statement = False  # true for tables filled in bulk; see accounts.dbguard

    class Meta:
        abstract = True
        # forward keys, refresh_from_db, save() and cascades are scoped too
        base_manager_name = default_manager_name = "objects"

    def claim_programme(self) -> None:
        current = _require()
        if current == _UNSCOPED:
            return
        if self.programme_id is None:
            self.programme_id = current
        if self.programme_id != current:
            raise CrossProgrammeWrite(f"{self._meta.label} of {self.programme_id}, current is {current}")
        fields: Any = self._meta.concrete_fields
        for field in fields:
            target = getattr(field, "related_model", None)
            if isinstance(target, type) and issubclass(target, TenantModel) and field.is_cached(self):
                related = field.get_cached_value(self)
                if related is not None and related.programme_id != current:
                    raise CrossProgrammeWrite(f"{self._meta.label}.{field.name}")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.claim_programme()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.claim_programme()
        return super().delete(*args, **kwargs)

    # A form never shows the programme, so Django would skip every unique check that names it.
    def full_clean(self, exclude: Any = None, **kwargs: Any) -> None:  # type: ignore[override]
        self.claim_programme()
        super().full_clean(set(exclude or ()) - {"programme"}, **kwargs)

    def validate_unique(self, exclude: Any = None) -> None:
        self.claim_programme()
        super().validate_unique(set(exclude or ()) - {"programme"})

    def validate_constraints(self, exclude: Any = None) -> None:
        self.claim_programme()
        super().validate_constraints(set(exclude or ()) - {"programme"})


def tenant_models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]
