"""Light, dark or as the device says: kept on this browser, and nothing else."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize(
    ("wish", "kept"), [("dark", "dark"), ("light", "light"), ("", None), ("pink\r\nX: y", None)]
)
def test_the_choice_is_kept_on_this_browser(wish: str, kept: str | None) -> None:
    client = Client()
    client.cookies["appearance"] = "light" if kept is None else ""
    answer = client.post("/appearance/", {"appearance": wish, "next": "/legal/"})
    assert (answer.status_code, answer.url) == (302, "/legal/")
    page = client.get("/legal/").content.decode()
    assert (f'data-appearance="{kept}"' in page) if kept else ("data-appearance" not in page)
    assert 'aria-pressed="true"' in page


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "", "9999", "a\0b"]
)
def test_nobody_is_led_elsewhere(back: str) -> None:
    assert Client().post("/appearance/", {"appearance": "dark", "next": back}).url == "/"


def test_a_cookie_of_odd_text_is_as_none() -> None:
    client = Client()
    client.cookies["appearance"] = '"><script>'
    assert "data-appearance" not in client.get("/legal/").content.decode()
