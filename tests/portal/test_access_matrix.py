"""Every address of the portal × every role × every method × own, foreign and unknown objects.

What is expected follows from the access that the view declares, and the table (testkit/matrix/) says once more
who that is: a permission given to one more role, or a route without a row, fails here.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.access import ROLE_PERMISSIONS
from accounts.checks import views_of
from accounts.models import Programme
from testkit.gateway import call
from testkit.matrix import (
    API,
    API_OPEN,
    CHANGES_NOTHING,
    OUTSIDE,
    PAGES,
    REFERENCES,
    ROLES,
    Row,
    Side,
)
from tests.portal.matrix_kit import Matrix, address, ask, browser, dump, dump_of_trace, rows_of, undone, words
from tests.portal.matrix_kit import matrix as matrix

pytestmark = pytest.mark.django_db
VIEWS = {(route, name): view for route, name, view in views_of()}
INSIDE = {
    name: view for (route, name), view in VIEWS.items() if route.startswith("p/") and name != "join_utility"
}
# changes that have no line in the programme's trace, and why
UNTRACED = {
    "account_password": "one's own; told by mail",
    "first_steps": "one's own wishes",
    "home_hints": "one's own wishes",
    "home_hint_end": "one's own wishes",
    "mail_retry": "the list of mails shows it",
}


def test_every_route_has_its_row() -> None:
    missing = []
    for route, name in VIEWS:
        if route.startswith("api/"):
            known = route in API_OPEN or any(route == path for _method, path in API) or name == "activate"
        elif route.startswith("p/"):
            known = name in PAGES or name == "join_utility"
        else:
            known = name in OUTSIDE
        if not known:
            missing.append(f"/{route} ({name})")
    assert not missing, f"give these a row in testkit/matrix/: {', '.join(missing)}"
    gone = (PAGES.keys() | OUTSIDE.keys()) - {name for _route, name in VIEWS}
    assert not gone, f"rows without a route: {gone}"


def test_a_route_without_a_row_is_noticed(monkeypatch: Any) -> None:
    monkeypatch.delitem(PAGES, "server_list")
    with pytest.raises(AssertionError, match=r"servers/ \(server_list\)"):
        test_every_route_has_its_row()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_declared_access_is_the_one_of_the_table(name: str) -> None:
    access = INSIDE[name].access
    assert access.kind == "requires"
    permitted = {role for role in ROLES if access.permissions & ROLE_PERMISSIONS[role]}
    assert permitted == PAGES[name].roles


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page(name: str, matrix: Matrix) -> None:
    row = PAGES[name]
    ours, theirs = matrix.sides(row.kind)
    own = ours.ids[row.key] if row.key else ""
    with undone():
        ours_by_role = {role: browser(ours.people[role]) for role in ROLES}
        theirs_by_role = {role: browser(theirs.people[role]) for role in ROLES}
        before = dump()
        if (
            connection.vendor == "sqlite"
        ):  # refused before a row of the programme is asked for: once is enough
            _nobody_and_strangers(name, row, ours, own, theirs_by_role)
            _wrong_roles(name, row, ours, theirs, own, ours_by_role)
        if row.key:
            _objects_of_others(name, row, ours, theirs, ours_by_role)
        assert dump() == before, "a request that was refused has changed something"
        _looking_changes_nothing(name, row, ours, own, ours_by_role)
        _who_may(name, row, ours, theirs, own, ours_by_role)


def _nobody_and_strangers(name: str, row: Row, ours: Side, own: str, strangers: dict[str, Client]) -> None:
    url = address(name, ours, own)
    unknown = address(name, ours, str(uuid.uuid4())) if row.key else url
    anybody = browser()
    for method, place in (("GET", url), ("POST", url), ("DELETE", url), ("GET", unknown), ("POST", unknown)):
        answer = ask(anybody, method, place, row, ours)
        assert (answer.status_code, answer.url) == (302, f"/?next={place.replace('/', '%2F')}"), method
    permitted = next(role for role in ROLES if role in row.roles)
    for role in {permitted, next((role for role in ROLES if role not in row.roles), permitted)}:
        stranger = strangers[role]
        for method, place in (("GET", url), ("POST", url), ("GET", unknown)):
            assert ask(stranger, method, place, row, ours).status_code == 404, (method, role)


def _wrong_roles(name: str, row: Row, ours: Side, theirs: Side, own: str, clients: dict[str, Client]) -> None:
    ids = {own, theirs.ids[row.key], str(uuid.uuid4())} if row.key else {""}
    for role in set(ROLES) - row.roles:
        for method in row.methods:
            for public_id in ids:
                answer = ask(clients[role], method, address(name, ours, public_id), row, ours)
                assert answer.status_code == 403, (role, method)


def _objects_of_others(name: str, row: Row, ours: Side, theirs: Side, clients: dict[str, Client]) -> None:
    """A foreign object, one of the same programme that is not this person's, and none at all: one answer."""
    for role in row.roles:
        ids = [theirs.ids[row.key], *([ours.ids[row.hidden[role]]] if role in row.hidden else [])]
        for method in row.methods:
            nothing = str(uuid.uuid4())
            unknown = ask(clients[role], method, address(name, ours, nothing), row, ours)
            assert unknown.status_code == 404, (role, method)
            for public_id in ids:
                answer = ask(clients[role], method, address(name, ours, public_id), row, ours)
                assert answer.status_code == 404, (role, method)
                assert words(answer, public_id) == words(unknown, nothing)


def _looking_changes_nothing(name: str, row: Row, ours: Side, own: str, clients: dict[str, Client]) -> None:
    url, before = address(name, ours, own), dump(but=("AuditEntry",))
    for role in row.roles:
        answer = clients[role].get(url)
        expected = {200} if "GET" in row.methods else {405}
        assert answer.status_code in expected, (role, answer.status_code)
        _says_where(name, answer, ours.programme.name)
        if connection.vendor != "sqlite":  # refused before any row is asked for: once is enough
            continue
        for method in ("PUT", "DELETE", "PATCH", *({"POST"} - set(row.methods))):
            assert clients[role].generic(method, url).status_code == 405, (role, method)
    assert dump(but=("AuditEntry",)) == before


# pages without the list of steps, and why
NO_TRAIL = {
    "programme_view": "the top: it says which zone it shows",
    "choose_programme": "above all programmes",
}
TRAIL = re.compile(
    r'<nav class="crumbs"[^>]*><ol class="breadcrumb"><li class="[^"]*"[^>]*>(?:<a href="[^"]*">)?([^<]+)'
)


def _says_where(name: str, answer: Any, top: str) -> None:
    """The way to a page begins at its programme; a person's own pages stand below their programmes."""
    page = _text(answer)
    if '<main class="page"' in page and name not in NO_TRAIL:
        assert TRAIL.findall(page) == [top], f"{name}: where is one?"


def _text(answer: Any) -> str:
    html = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    return answer.content.decode() if html and not answer.streaming else ""


def _who_may(name: str, row: Row, ours: Side, theirs: Side, own: str, clients: dict[str, Client]) -> None:
    """The control: those who may, do; and their work stays in their programme."""
    if "POST" not in row.methods:
        return
    url, before, traced = address(name, ours, own), dump(but=("AuditEntry",)), len(dump_of_trace(ours))
    for role in row.roles:
        with undone():
            answer = ask(clients[role], "POST", url, row, ours)
            assert answer.status_code == 302, (role, answer.status_code)
            after = dump(but=("AuditEntry",))
            assert (after == before) == (name in CHANGES_NOTHING)
            if name not in CHANGES_NOTHING:
                told = len(dump_of_trace(ours)) > traced
                assert told == (name not in UNTRACED), "a change without its line in the trace"
            assert rows_of(theirs, after) == rows_of(theirs, before)


@pytest.mark.parametrize(("name", "method", "role", "field", "key"), REFERENCES)
def test_an_object_named_in_the_body(
    name: str, method: str, role: str, field: str, key: str, matrix: Matrix
) -> None:
    row = PAGES[name]
    ours, theirs = matrix.sides(row.kind)
    url = address(name, ours, ours.ids[row.key] if row.key else "")

    def send(public_id: str) -> Any:
        data = {**row.body(ours), field: public_id}
        return client.post(url, data) if method == "POST" else client.get(url, {field: public_id})

    with undone():
        client = browser(ours.people[role])
        before, nothing = dump(), str(uuid.uuid4())
        unknown, foreign = send(nothing), send(theirs.ids[key])
        assert (unknown.status_code, words(unknown, nothing)) == (
            foreign.status_code, words(foreign, theirs.ids[key]),
        )  # fmt: skip
        assert foreign.status_code in (200, 404, 422)
        assert dump() == before


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_page_outside_any_programme(name: str, matrix: Matrix) -> None:
    row = OUTSIDE[name]
    ours, theirs = matrix.sides(Programme.Kind.HOUSING)
    view = next(
        view for (_route, known), view in VIEWS.items() if known == name and not _route.startswith("api")
    )
    assert (view.access.kind == "signed_in") == row.signed_in
    args = [theirs.ids[row.token]] if row.token else list(row.args)
    url = reverse(name, args=args)
    for person, expected in ((None, row.anonymous), (ours.people["administrator"], row.member)):
        with undone():
            client, before = browser(person), rows_of(theirs, dump())
            answers = client.get(url), client.post(url)
            assert tuple(answer.status_code for answer in answers) == expected, person
            if row.signed_in and person is not None:
                _says_where(name, answers[0], "My programmes")
            if person is None and row.signed_in and expected[0] == 302:
                assert answers[0].url.startswith("/?next=")
            assert client.delete(url).status_code in ((302, 405) if person is None else (405, 410, 404))
            assert rows_of(theirs, dump()) == before


def test_a_link_to_confirm_an_address_works_for_its_owner_only(matrix: Matrix) -> None:
    ours, theirs = matrix.sides(Programme.Kind.HOUSING)
    url = reverse("address_confirm", args=[ours.ids["address"]])
    for person, status in (
        (theirs.people["occupant"], 410),
        (ours.people["operator"], 410),
        (ours.people["occupant"], 302),
    ):
        with undone():
            client = browser(person)
            before = dump()
            assert client.post(url).status_code == status
            assert (dump() == before) == (status == 410)


def test_joining_a_utility_is_public_and_a_housing_programme_hides(matrix: Matrix) -> None:
    for kind, expected in ((Programme.Kind.UTILITY, (200, 422)), (Programme.Kind.HOUSING, (404, 404))):
        url = address("join_utility", matrix.ours[kind])
        with undone():
            for client in (browser(), browser(matrix.theirs[kind].people["operator"])):
                before = dump()
                assert (client.get(url).status_code, client.post(url).status_code) == expected
                assert dump() == before
    assert browser().get("/p/no-such-programme/join/").status_code == 404


def api_path(route: str, key: str, ids: dict[str, str]) -> str:
    path = re.sub(r"<[^>]+>", ids.get(key, str(uuid.uuid4())), route)
    return path.removeprefix("api/v1")


@pytest.mark.parametrize(("method", "route"), sorted(API), ids=[f"{m} {r}" for m, r in sorted(API)])
def test_gateway_route(method: str, route: str, matrix: Matrix) -> None:
    body, good, key = API[(method, route)]
    ours, theirs = matrix.sides(Programme.Kind.HOUSING)
    path = api_path(route, key, ours.ids)
    with undone():
        session = browser(ours.people["administrator"])
        before = dump()
        for token in (None, "", "x" * 43, ours.token[:-1], ours.token + "x"):
            answer = call(method, path, body, token=token)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), token
        assert session.generic(method, f"/api/v1{path}", b"{}", "application/json").status_code == 401
        for spelling in ("token", "access_token", "Token", "api_key"):
            answer = call(method, f"{path}?{spelling}={ours.token}", body)
            assert (answer.status_code, answer.json()["code"]) == (400, "token_in_query")
        if key:  # another programme's server, our object: as if it were not there
            unknown = call(method, api_path(route, "", {}), body, token=theirs.token)
            answer = call(method, path, body, token=theirs.token)
            assert (answer.status_code, answer.content) == (404, unknown.content)
            assert call(
                method, api_path(route, key, {key: "no-uuid"}), body, token=ours.token
            ).status_code in (400, 404)
        assert dump() == before
        for wrong in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {m for m, r in API if r == route} - {"POST"}:
            assert call(wrong, path, {}, token=ours.token).status_code == 405
        for ask_as, other in ((ours, theirs), (theirs, ours)):
            with undone():
                foreign = rows_of(other, dump())
                answer = call(method, api_path(route, key, ask_as.ids), body, token=ask_as.token)
                assert answer.status_code == good, answer.content
                assert rows_of(other, dump()) == foreign


def test_activation_takes_the_password_of_that_very_server(matrix: Matrix) -> None:
    ours, theirs = matrix.sides(Programme.Kind.HOUSING)

    def activate(serial: str, password: str) -> Any:
        return call("POST", "/activation", {"serial": serial, "password": password})

    with undone():
        before = dump()
        wrong = [
            activate(ours.waiting[0], theirs.waiting[1]),
            activate(ours.waiting[0], "A" * 30),
            activate("Z" * 24, ours.waiting[1]),
            activate(ours.serial, ours.waiting[1]),
        ]
        assert [answer.status_code for answer in wrong] == [401] * 4
        assert len({answer.content for answer in wrong}) == 1
        assert dump() == before
        foreign = rows_of(theirs, dump())
        assert activate(*ours.waiting).status_code == 201
        assert rows_of(theirs, dump()) == foreign


@pytest.mark.parametrize("route", sorted(API_OPEN))
def test_open_address_of_the_api(route: str, matrix: Matrix) -> None:
    path = f"/{route.replace('<path:rest>', 'nothing/here')}"
    answer = browser().get(path)
    assert answer.status_code == API_OPEN[route]
    assert matrix.ours[Programme.Kind.HOUSING].token not in answer.content.decode()
