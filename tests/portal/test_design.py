"""The visual language: what every page inherits must hold without a browser to look at it."""

import gzip
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import path
from django.utils import translation
from lxml import html

from portal.style_page import style_context
from readings.charts.shapes import Bar, Usage, stacked_bars

pytestmark = [pytest.mark.pure, pytest.mark.urls(__name__)]


def _nothing(request):
    return HttpResponse()


urlpatterns = [
    path(f"{name}/", _nothing, name=name)
    for name in (
        "home",
        "legal",
        "security",
        "accessibility",
        "set_appearance",
        "set_language",
        "sign_out",
        "mailbox",
    )
]

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "portal" / "static" / "portal"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
# Mails need inline style; their programs know nothing else, and no policy is sent with them.
PAGES = [p for p in sorted(TEMPLATES.rglob("*.html")) if "mail" not in p.relative_to(TEMPLATES).parts[:-1]]
FORBIDDEN = re.compile(
    r"""\sstyle\s*=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|javascript:""", re.I
)
SHELL = {
    "programme": {"name": "Les Tilleuls", "slug": "demo"},
    "nav": [
        {"label": "Servers", "url": "/s/", "current": True, "page": True},
        {"label": "Rights", "url": "/r/", "current": False, "page": False},
    ],
    "who": "camille@example.org",
    "menu": [{"label": "Account", "url": "/a/"}],
    "demo_mailbox_url": None,
}


def page(template, **context):
    request = RequestFactory().get("/p/demo/")
    request.LANGUAGE_CODE = translation.get_language()
    return render_to_string(template, {"shell": SHELL, "request": request, **context})


def style_page():
    return page("portal/style.html", **style_context())


def component(_name, **context):
    return render_to_string(f"components/{_name}.html", context)


@pytest.mark.parametrize("text", ['<p style="x">', "<style>", "<script>1", '<a onclick="x">'])
def test_the_search_for_inline_code_finds_it(text):
    assert FORBIDDEN.search(text)


@pytest.mark.parametrize("template", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_no_template_has_inline_style_or_script(template):
    assert not FORBIDDEN.search(template.read_text())


@pytest.mark.parametrize("template", COMPONENTS, ids=lambda p: p.stem)
def test_each_component_states_its_inputs_and_bears_their_absence(template):
    assert template.read_text().startswith("{% comment %}")
    required = {
        "cell": {"columns": [{"label": "Meter"}], "index": 0},
        "field": {"field": Wrong()["email"]},
        "th_sort": {"label": "Name", "key": "name"},
    }
    assert "{%" not in component(template.stem, **required.get(template.stem, {}))


@pytest.mark.parametrize("language", ["fr", "ru", "en"])
def test_the_style_page_is_sound_html(language):
    with translation.override(language):
        text = style_page()
    assert not FORBIDDEN.search(text)
    tree = html.fromstring(text)
    assert tree.get("lang") == language
    ids = [e.get("id") for e in tree.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    for attribute in ("for", "aria-labelledby", "aria-describedby"):
        for value in tree.xpath(f"//@{attribute}"):
            assert set(value.split()) <= set(ids), (attribute, value)
    for control in tree.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert control.get("aria-label") or tree.xpath(f"//label[@for='{control.get('id')}']"), control.attrib
    assert len(tree.xpath("//h1")) == 1
    assert not tree.xpath("//svg[not(@aria-hidden) and not(.//title) and not(@aria-label)]")
    numbers = tree.xpath("//svg//@x | //svg//@y | //svg//@width | //svg//@height | //svg//@d")
    assert numbers and not any("," in number for number in numbers), "a coordinate was written by locale"


def test_first_load_stays_in_its_budget():
    files = [
        *STATIC.glob("*.css"),
        *STATIC.glob("*.js"),
        *STATIC.glob("*.svg"),
        *STATIC.glob("vendor/*.min.*"),
    ]
    sizes = {f.name: len(gzip.compress(f.read_bytes(), 9)) for f in files}
    sizes["page"] = len(gzip.compress(style_page().encode(), 9))
    assert sum(sizes.values()) <= 100_000, sizes
    assert len(sizes) >= 8


def test_everything_a_page_asks_for_is_there_and_ours():
    for template in TEMPLATES.rglob("*.html"):
        for name in re.findall(r"{% static '([^']+)' %}", template.read_text()):
            assert finders.find(name), (template.name, name)
        assert not re.search(r"""(?:src|href)=["']https?://""", template.read_text()), template.name
    for sheet in ("tokens.css", "releve.css"):
        text = (STATIC / sheet).read_text()
        assert "@import" not in text
        for name in re.findall(r'url\("([^"]+)"\)', text):
            assert (STATIC / name).exists(), name
    assert "sourceMappingURL" not in (STATIC / "vendor" / "bootstrap.min.css").read_text()
    for page in BARE_PAGES:
        for name in re.findall(r'href="/static/([^"]+)"', (TEMPLATES / page).read_text()):
            assert finders.find(name), name


# shown while something is broken: no database, no language, no code behind them
BARE_PAGES = ("413.html", "500.html", "503.html")


def test_the_pages_of_a_broken_server_need_nothing():
    for page in BARE_PAGES:
        assert "{%" not in (TEMPLATES / page).read_text()
        assert "{{" not in (TEMPLATES / page).read_text()


# Contrast, from the tokens themselves (WCAG 2.2: 1.4.3 text 4.5, 1.4.11 shapes 3)


def tokens():
    text = (STATIC / "tokens.css").read_text()
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", text)
    return {
        "light": {name: light for name, light, _ in found},
        "dark": {name: dark for name, _, dark in found},
    }


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    ("ink", "card"), ("ink", "paper"), ("muted", "card"), ("muted", "paper"), ("muted", "neutral-soft"),
    ("brand", "card"), ("brand", "paper"), ("brand-strong", "brand-soft"), ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("ok", "ok-soft"), ("ok", "card"), ("warn", "warn-soft"), ("bad", "bad-soft"), ("bad", "card"), ("card", "bad"),
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_words_and_edges(scheme):
    colours = tokens()[scheme]
    poor = {pair: contrast(*(colours[c] for c in pair)) for pair in TEXT_PAIRS}
    assert not {pair: value for pair, value in poor.items() if value < 4.5}
    assert contrast(colours["edge"], colours["card"]) >= 2.9
    assert contrast("#777777", "#ffffff") < 4.5 < contrast("#000000", "#ffffff")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_usages_are_named_by_six_different_colours(scheme):
    colours = tokens()[scheme]
    names = ("heating", "hot-water", "cooling", "sockets", "other", "water")
    assert len({colours[name] for name in names}) == 6
    sheet = (STATIC / "releve.css").read_text()
    for name in names:
        assert f".u-{name.replace('-', '_')} {{ --u: var(--{name}); }}" in sheet


# Components


@pytest.mark.parametrize(
    ("kind", "shape"), [("ok", "circle"), ("warn", "path"), ("bad", "path"), ("neutral", None)]
)
def test_a_chip_is_a_word_and_a_shape(kind, shape):
    text = component("chip", kind=kind, label="silent")
    assert ">silent<" in text and f"chip-{kind}" in text
    assert (f"<{shape}" in text) if shape else ("<svg" not in text)
    assert "&lt;b&gt;" in component("chip", label="<b>")


class Wrong(forms.Form):
    email = forms.EmailField(help_text="Where mails go.")
    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("The two do not fit.")


def test_a_refused_form_says_so_at_the_top_and_at_the_field():
    tree = html.fromstring(
        f"<div>{component('form', form=Wrong({'email': 'x', 'kind': 'a'}), cancel_url='/back/')}</div>"
    )
    summary = tree.xpath("//div[@role='alert']")[0]
    assert "The two do not fit." in summary.text_content()
    assert summary.xpath(".//a/@href") == ["#id_email"]
    (field,) = tree.xpath("//input[@name='email']")
    assert field.get("aria-invalid") == "true" and "is-invalid" in field.get("class")
    for described in field.get("aria-describedby").split():
        assert tree.xpath(f"//*[@id='{described}']")
    assert tree.xpath("//fieldset/legend") and tree.xpath("//input[@type='radio' and @checked]/@value") == [
        "a"
    ]
    assert tree.xpath("//a[@href='/back/']")


def test_a_form_never_sent_has_no_errors():
    assert "error-summary" not in component("form", form=Wrong())


def test_parameter_rows_say_where_the_value_comes_from():
    text = component(
        "field_row", label="Base", name="base", value="0,1256", unit="€/kWh", source="default value"
    )
    assert "default value" in text and 'value="0,1256"' in text and " own" not in text
    assert "own" in component("field_row", label="Base", name="base", own=True)
    bound = component("field_row", field=Wrong({"email": "x"})["email"], own=True)
    assert "form-control own is-invalid" in bound and "id_email_error" in bound


def test_pages_keep_the_search_and_plain_numbers():
    with translation.override("fr"):
        text = component(
            "pagination", page=Paginator(range(20_000), 10).page(1500), query="q=a%26b&sort=name"
        )
    assert "?q=a%26b&amp;sort=name&amp;page=1501" in text, "a page number must not be grouped by locale"
    assert component("pagination", page=Paginator(range(5), 10).page(1)).strip() == ""


def test_usage_without_a_price_says_so_instead_of_zero():
    items = [{"key": "heating", "label": "Heating", "quantity": "206 kWh", "amount": "", "share": 99.5}]
    with translation.override("fr"):
        text = component("usage_list", items=items)
    assert "unpriced" in text and 'width="99.5"' in text
    assert "unpriced" not in component("usage_list", items=items, amounts=False)


def test_the_first_open_step_is_the_one_to_do_now():
    steps = [{"label": "a", "done": True}, {"label": "b", "url": "/b/"}, {"label": "c", "url": "/c/"}]
    assert re.findall(r'<li class="step([^"]*)"', component("steps", items=steps)) == [" done", " now", ""]


def test_progress_asks_again_only_until_done():
    running = component("progress", text="Reading", percent=40, poll_url="/job/1/", reload_url="/p/")
    assert 'hx-get="/job/1/"' in running and 'value="40"' in running and "<noscript>" in running
    assert 'value="' not in component("progress", text="Waiting", poll_url="/job/1/")
    assert "hx-get" not in component("progress", text="Done", done=True, poll_url="/job/1/")


def test_bars_with_links_are_not_one_image():
    days = [Bar("1", "1 October", {"heating": 3}, href="/day/1/"), Bar("2", "2 October", None)]
    chart = stacked_bars(days, [Usage("heating", "<Heating>")])
    text = component("chart_bars", chart=chart, key="c", title="T", desc="D")
    assert 'role="group"' in text and 'href="/day/1/"' in text
    assert 'class="missing"' in text and "&lt;Heating&gt;" in text and "<Heating>" not in text
    assert "<details" in text


# Whole pages


def test_the_shell_names_the_place_and_lets_the_person_out():
    tree = html.fromstring(page("base.html"))
    assert tree.xpath("//a[@aria-current='page']/text()") == ["Servers", "Servers"], (
        "wide menu and phone menu"
    )
    assert tree.xpath("//form[@action='/sign_out/' and @method='post']//button")
    assert tree.xpath("//form[@action='/set_language/']//button/@value") == ["fr", "ru", "en"]
    assert tree.xpath("//form[@action='/set_language/']/input[@name='next']/@value") == ["/p/demo/"]
    assert tree.xpath("//a[@class='skip']/@href") == ["#content"] and tree.xpath("//main[@id='content']")


@pytest.mark.parametrize(
    "template", ["base.html", "base_plain.html", "400.html", "403.html", "403_csrf.html", "404.html"]
)
def test_pages_open_for_a_stranger_without_any_context(template):
    tree = html.fromstring(render_to_string(template))
    assert not tree.xpath("//form[@action='/sign_out/']")
    assert tree.xpath("//main")


def test_mails_are_escaped_in_html_and_plain_in_text():
    assert "&lt;b&gt;" in render_to_string("mail/heading.html", {"text": "<b>"})
    assert "Relevé" in render_to_string("mail/base.html") and "http" not in render_to_string("mail/base.txt")
    assert "https://r.example" in render_to_string("mail/base.txt", {"site_url": "https://r.example"})
