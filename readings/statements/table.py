"""A table of statement lines or payments against what is stored: entries to add, or every fault line by line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Contract, Programme
from accounts.tables import Table
from accounts.templatetags.releve import local_month
from readings.models import StatementEntry
from readings.statements.cells import column_of, day_of_text, minor_of, month_of_text, service_of
from readings.statements.closing import today_of
from readings.statements.ledger import closings_standing, entries_standing
from readings.statements.money import Line, month_after, month_of
from readings.statements.words import amount_text

LINES, PAYMENTS = "lines", "payments"
AMOUNTS = ("charged", "additional", "refunded", "paid")
FAULTS_SHOWN = 200
SERVICE_LENGTH = DOCUMENT_LENGTH = 60
Kind = StatementEntry.Kind


@dataclass(frozen=True)
class Fault:
    line: int
    value: str
    message: str


@dataclass
class Plan:
    kind: str
    lines: int = 0
    entries: list[StatementEntry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _Bad(Exception):
    def __init__(self, message: str, value: str = "") -> None:
        super().__init__(message)
        self.value = value


def plan_of(programme: Programme, table: Table) -> Plan:
    """Stores nothing. Raises `DomainError` for a table that is neither; `TableError` where its rows end badly."""
    names = [column_of(heading) for heading in table.header]
    known = {name for name in names if name}
    if known >= {"contract", "date", "amount", "document"}:
        kind = PAYMENTS
    elif known >= {"contract", "month"} and known & {"opening", *AMOUNTS}:
        kind = LINES
    else:
        raise DomainError(
            "headings",
            _(
                "The headings fit neither statement lines (contract, month, service, opening balance, charged, "
                "additionally charged, refunded, paid, closing balance) nor payments (contract, date, amount, document)."
            ),
        )
    doubled = [name for name in known if names.count(name) > 1]
    if doubled:
        raise DomainError(
            "doubled", _("A column stands twice in the table: %(name)s.") % {"name": doubled[0]}
        )
    rows = [
        (row.line, {name: cell for name, cell in zip(names, row, strict=True) if name}) for row in table.rows
    ]
    return _Reader(programme, kind).read(rows)


class _Reader:
    """What is stored is loaded once for all lines."""

    def __init__(self, programme: Programme, kind: str) -> None:
        self.currency, self.today = programme.currency, today_of(programme)
        self.plan = Plan(kind)
        self.closed = set(closings_standing().values_list("month", flat=True))
        self.contracts: dict[str, list[int]] = defaultdict(list)
        for pk, number in Contract.objects.values_list("pk", "number"):
            self.contracts[number].append(pk)
        self.stored: dict[str, int] = {}
        self.moves: dict[tuple[int, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self.begins: dict[tuple[int, str], date] = {}
        self.single_payments: set[tuple[int, str, date]] = set()
        self.monthly_payments: set[tuple[int, str, date]] = set()
        self.seen: dict[Any, int] = {}

    def read(self, rows: list[tuple[int, dict[str, str]]]) -> Plan:
        self.plan.lines = len(rows)
        parsed = []
        for line, cells in rows:
            try:
                parsed.append((line, self._parsed(cells)))
            except _Bad as bad:
                self._fault(line, bad)
        self._load({one["contract"] for _line, one in parsed})
        for line, one in sorted(parsed, key=lambda pair: (pair[1]["month"], pair[0])):
            try:
                self._line(line, one) if self.plan.kind == LINES else self._payment(line, one)
            except _Bad as bad:
                self._fault(line, bad)
        self.plan.faults.sort(key=lambda fault: fault.line)
        return self.plan

    def _fault(self, line: int, bad: _Bad) -> None:
        self.plan.faults.append(Fault(line, bad.value[:80], str(bad)))

    def _parsed(self, cells: dict[str, str]) -> dict[str, Any]:
        found = self.contracts.get("".join(cells["contract"].split()), [])
        if len(found) != 1:
            words = (
                _("No contract has this number.") if not found else _("Several contracts have this number.")
            )
            raise _Bad(words, cells["contract"])
        service = service_of(cells.get("service", ""))
        if len(service) > SERVICE_LENGTH:
            raise _Bad(_("The name of the service is too long."), service)
        if (currency := cells.get("currency", "").strip().upper()) and currency != self.currency:
            raise _Bad(
                _("The currency of this programme is %(currency)s.") % {"currency": self.currency}, currency
            )
        one: dict[str, Any] = {"contract": found[0], "service": service}
        return one | (self._month_cells(cells) if self.plan.kind == LINES else self._payment_cells(cells))

    def _month_cells(self, cells: dict[str, str]) -> dict[str, Any]:
        month = month_of_text(cells["month"])
        if month is None:
            raise _Bad(_("This is no month. Write 2026-10 or 10.2026."), cells["month"])
        if month > month_of(self.today):
            raise _Bad(_("The month lies in the future."), cells["month"])
        if month in self.closed:
            raise _Bad(_("%(month)s is closed.") % {"month": local_month(month)}, cells["month"])
        one: dict[str, Any] = {"month": month}
        for name in ("opening", *AMOUNTS, "closing", "to_pay"):
            one[name] = self._money(cells.get(name, ""), signed=name in ("opening", "closing"))
        return one

    def _payment_cells(self, cells: dict[str, str]) -> dict[str, Any]:
        day = day_of_text(cells["date"])
        if day is None:
            raise _Bad(_("This is no date. Write 2026-10-05 or 05.10.2026."), cells["date"])
        if day > self.today:
            raise _Bad(_("The date lies in the future."), cells["date"])
        document = " ".join(cells["document"].split())
        if not document or len(document) > DOCUMENT_LENGTH:
            raise _Bad(_("Each payment needs the number of its document, at most 60 characters."), document)
        amount = self._money(cells["amount"], signed=False)
        if not amount:
            raise _Bad(_("A payment needs an amount above zero."), cells["amount"])
        month = month_of(day)
        while month in self.closed:  # a closed month stays as it is: the payment stands in the next open one
            month = month_after(month)
        return {"day": day, "month": month, "amount": amount, "document": document}

    def _money(self, text: str, *, signed: bool) -> int | None:
        if not text.strip():
            return None
        minor = minor_of(text)
        if minor is None:
            raise _Bad(_("This is no amount with at most two decimals."), text)
        if minor < 0 and not signed:
            raise _Bad(_("This amount cannot be negative."), text)
        return minor

    def _load(self, contracts: set[int]) -> None:
        wanted = sorted(contracts)
        for at in range(0, len(wanted), 500):
            rows = entries_standing().filter(contract__in=wanted[at : at + 500]).order_by()
            columns = ("key", "contract_id", "service", "month", "kind", "minor")
            for key, contract, service, month, kind, minor in rows.values_list(*columns):
                self._note(key, contract, service, month, kind, minor)

    def _note(self, key: str, contract: int, service: str, month: date, kind: str, minor: int) -> None:
        self.stored[key] = minor
        credit = kind in (Kind.OPENING, Kind.REFUNDED, Kind.PAID)
        # an opening balance counts before its month, so it moves the day before
        self.moves[contract, service][month] += 0 if kind == Kind.OPENING else minor if credit else -minor
        if kind == Kind.OPENING:
            self.begins[contract, service] = month
            self.moves[contract, service][date.min] += minor
        if kind == Kind.PAID:
            single = key.startswith("p:")
            (self.single_payments if single else self.monthly_payments).add((contract, service, month))

    def _once(self, line: int, what: Any) -> None:
        if what in self.seen:
            raise _Bad(_("The same stands in line %(line)s already.") % {"line": self.seen[what]})
        self.seen[what] = line

    def _line(self, line: int, one: dict[str, Any]) -> None:
        account, month = (one["contract"], one["service"]), one["month"]
        self._once(line, (*account, month))
        if one["paid"] and (*account, month) in self.single_payments:
            raise _Bad(
                _("The payments of this month are stored one by one already."), amount_text(one["paid"])
            )
        opening = self._opening(account, one)
        amounts = {name: one[name] or 0 for name in AMOUNTS}
        row = Line(one["service"], opening, **amounts)
        for name, words in (
            ("closing", _("The closing balance should be %(amount)s.")),
            ("to_pay", _("To pay should be %(amount)s.")),
        ):
            if one[name] is not None and one[name] != getattr(row, name):
                raise _Bad(words % {"amount": amount_text(getattr(row, name))}, amount_text(one[name]))
        for name, minor in amounts.items():
            if minor:
                self._add(f"i:{one['contract']}:{month:%Y-%m}:{one['service']}:{name}", one, name, minor)

    def _opening(self, account: tuple[int, str], one: dict[str, Any]) -> int:
        """What the books say; the first line of a service brings the balance itself."""
        month, given = one["month"], one["opening"]
        moves = self.moves[account]
        begins = self.begins.get(account)
        if begins is not None and begins > month:
            raise _Bad(_("The books of this service begin with %(month)s.") % {"month": local_month(begins)})
        if begins is not None or any(at < month for at in moves):
            known = sum(minor for at, minor in moves.items() if at < month)
            if given is not None and given != known:
                words = _("The opening balance should be %(amount)s.")
                raise _Bad(words % {"amount": amount_text(known)}, amount_text(given))
            return known
        if given:
            self._add(f"i:{one['contract']}:{one['service']}:opening", one, Kind.OPENING, given)
        return given or 0

    def _payment(self, line: int, one: dict[str, Any]) -> None:
        self._once(line, (one["contract"], one["document"]))
        if (one["contract"], one["service"], one["month"]) in self.monthly_payments:
            raise _Bad(_("The payments of this month are stored as one sum already."), one["document"])
        detail = {"date": one["day"].isoformat(), "document": one["document"]}
        self._add(f"p:{one['contract']}:{one['document']}", one, Kind.PAID, one["amount"], detail)

    def _add(
        self, key: str, one: dict[str, Any], kind: str, minor: int, detail: dict[str, Any] | None = None
    ) -> None:
        """A repetition is left out; another amount under the same key is a fault."""
        if key in self.stored:
            if self.stored[key] != minor:
                words = _("Another amount is stored already: %(amount)s.")
                raise _Bad(words % {"amount": amount_text(self.stored[key])}, amount_text(minor))
            return
        self._note(key, one["contract"], one["service"], one["month"], kind, minor)
        self.plan.entries.append(
            StatementEntry(
                contract_id=one["contract"], month=one["month"], service=one["service"], kind=kind, minor=minor,
                currency=self.currency, key=key, detail=detail or {},
            )
        )  # fmt: skip
