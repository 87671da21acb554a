"""The control: a page that breaks every rule is reported for each of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_bad_page_is_reported_for_each_fault(visitor: Callable[..., Visitor]) -> None:
    person = visitor("en", "control")
    person.go("/")
    assert not person.faults
    person.page.evaluate(
        """() => {
            const main = document.querySelector("main");
            main.insertAdjacentHTML("beforeend", '<input type="text"><div id="wide">.</div><p style="color: red">.</p>');
            document.getElementById("wide").style.width = "900px";
        }"""
    )
    person.look("bad")
    told = "\n".join(person.faults)
    person.faults.clear()
    assert "axe on bad: label" in told
    assert "bad is 9" in told
    assert "Content Security Policy" in told
