"""The pages speak French and Russian: no text is missing, mangled, or left bare in a page or a message."""

import ast
import gettext
import re
import string
from functools import cache
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as translate
from django.utils.translation import ngettext

from testkit import messages
from testkit.messages import Text

pytestmark = pytest.mark.pure

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
# Pages that hold no translated text by design: one for every language at once, and the style guide of the demo.
NOT_TRANSLATED = {"413.html", "500.html", "503.html", "portal/style.html"}
NAMES = {"Relevé", "CSV", "XLSX", "PDF"}
# Words of the markup itself: a viewport, the robots' instruction, the colour schemes, the shape of a page.
MARKUP = {"width=device-width, initial-scale=1", "noindex", "light dark", "plain-wide"}
WORD = re.compile(r"[^\W\d_]{2,}")


@cache
def catalogue(language):
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def forms_of(entry):
    """The translations of one text; none of them while it has none, which is the first test's to say."""
    return [form for form in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]) if form]


languages = pytest.mark.parametrize("language", ["fr", "ru"])


@languages
def test_every_text_is_translated(language):
    assert messages._missing(language) == []


@languages
def test_a_text_that_is_not_in_the_catalogue_is_named(language, monkeypatch):
    known = next(entry for entry in catalogue(language) if not entry.msgid_plural and not entry.msgctxt)
    new = Text("A text that nobody has translated yet.")
    half = Text(known.msgid, plural="%(count)s of them")
    other = Text(known.msgid, context="another sense")
    found = {new: "x.html", Text(known.msgid): "x.html", half: "x.html", other: "x.html"}
    monkeypatch.setattr(messages, "texts", lambda: found)
    assert [text for text, _place in messages._missing(language)] == [new, half, other]


@languages
def test_placeholders_stay_as_they_are(language):
    wrong = []
    for entry in catalogue(language):
        forms = forms_of(entry)
        wanted = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for place, form in enumerate(forms):
            found = sorted(PLACEHOLDER.findall(form))
            # French says "un jour" for one; Russian's first form is also said of 21 and 31
            one_in_words = (
                language == "fr" and entry.msgid_plural and place == 0 and set(found) <= set(wanted)
            )
            if found != wanted and not one_in_words:
                wrong.append((entry.msgid, form))
    assert wrong == []


@languages
def test_catalogue_compiles_with_all_plural_forms(language, tmp_path):
    source = catalogue(language)
    assert source.metadata["Plural-Forms"] == messages.LANGUAGES[language]
    compiled = tmp_path / "django.mo"
    source.save_as_mofile(str(compiled))
    with compiled.open("rb") as file:
        loaded = gettext.GNUTranslations(file)
    plural = next(entry for entry in source if entry.msgid_plural == "%(count)s dwellings")
    assert len(plural.msgstr_plural) == messages.FORMS[language]
    said = [loaded.ngettext(plural.msgid, plural.msgid_plural, count) for count in (1, 2, 5, 11, 21)]
    expected = {"fr": [0, 1, 1, 1, 1], "ru": [0, 1, 2, 2, 0]}[language]
    assert said == [plural.msgstr_plural[form] for form in expected]


@languages
def test_typography(language):
    """No-break spaces, guillemets and apostrophes as the language sets them; a sentence ends as the original does."""
    wrong = []
    for entry in catalogue(language):
        for form in forms_of(entry):
            text = PLACEHOLDER.sub("x", form)
            faults = "[\"']" if language == "ru" else "[\"'“”]| [:;!?»%]|« |\\w[:;!?»](?!\\w)"
            if re.search(faults, text) or "  " in text or text != text.strip():
                wrong.append(form)
            # a Russian letter greets with an exclamation mark where the others have a comma
            if (entry.msgid[-1] in ".:?") != form.endswith((".", ":", "?")):
                wrong.append(form)
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", ["Modifier", "Éditer", "Déconnexion"]), ("ru", ["Изменить", "Изменить", "Выйти"])],
)
def test_our_words_win_over_those_of_the_framework(language, expected, compiled):
    with translation.override(language):
        assert [translate(text) for text in ("Change", "Edit", "Sign out")] == expected
        assert ngettext("%(count)s dwelling", "%(count)s dwellings", 22) % {"count": 22} == (
            "22 logements" if language == "fr" else "22 квартиры"
        )
        borrowed = translate("Enter a valid email address.")
        assert ("courriel" in borrowed) is False and borrowed != "Enter a valid email address."


@pytest.fixture
def compiled():
    for language in ("fr", "ru"):
        path = ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"
        if not path.exists() or path.stat().st_mtime < path.with_suffix(".po").stat().st_mtime:
            pytest.skip("the catalogues are compiled by `make install`")


# ---- what is visible must be marked


def bare_words(source, *, html=True):
    """Visible words of a template that no translate tag holds: in the text and in attributes that are read out."""
    source = re.sub(r"\{%\s*comment\b.*?endcomment\s*%\}|\{#.*?#\}", "", source, flags=re.S)
    source = re.sub(r"\{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%\}", "", source, flags=re.S)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\0", source, flags=re.S)
    spoken = []
    if html:
        source = re.sub(r"<(style|script)\b.*?</\1>|<!--.*?-->", "\0", source, flags=re.S)
        spoken = re.findall(
            r"""\b(?:aria-label|aria-description|title|placeholder|alt|content|summary)=["']([^"'<>]*)["']""",
            source,
        )
        source = re.sub(r"<[^>]*>", "\0", source)
    source = re.sub(r"&\w+;", " ", source)
    pieces = [piece.strip() for text in [source, *spoken] for piece in text.split("\0")]
    return [
        piece
        for piece in pieces
        if WORD.search(piece)
        and piece.strip(string.punctuation + "·— \n") not in NAMES
        and piece not in MARKUP
    ]


def test_the_scan_sees_bare_words_and_only_them():
    page = """{% comment %}A note for us.{% endcomment %}<h1 class="some name">{% translate "Fine" %}</h1>
    <p>{% blocktranslate with x=y %}Also {{ x }} fine{% endblocktranslate %} Relevé · {{ value }} &nbsp;</p>
    <p {% if a %}hidden{% endif %}>Left bare</p><a title="Spoken" aria-label="{% translate 'Fine' %}">→</a>"""
    assert bare_words(page) == ["Left bare", "Spoken"]


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(TEMPLATES.rglob("*")) if p.suffix in (".html", ".txt")],
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_no_template_holds_bare_words(path):
    if str(path.relative_to(TEMPLATES)) not in NOT_TRANSLATED:
        assert bare_words(path.read_text(encoding="utf-8"), html=path.suffix == ".html") == []


RAISED = {"DomainError", "ValidationError"}
TOLD = {"success", "error", "warning", "info"}
LABELS = {"label", "help_text", "empty_label", "message", "heading", "subject"}


def unmarked(source):
    """(line, text) of messages and labels that a person reads and that no gettext call holds."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        read = [keyword.value for keyword in node.keywords if keyword.arg in LABELS]
        if name in RAISED:
            read += node.args[:2]
        if name in TOLD and node.args and isinstance(node.args[0], ast.Name) and node.args[0].id == "request":
            read += node.args[1:2]
        for value in read:
            if isinstance(value, ast.JoinedStr | ast.Constant) and re.search(
                r"[A-Za-z]{2,} ", ast.unparse(value)
            ):
                yield node.lineno, ast.unparse(value)


def eager(source):
    """Lines that translate when the module is imported: that freezes one language for everybody."""
    names = messages._aliases(source)
    now = {"gettext", "ngettext", "pgettext", "npgettext"}

    def walk(node):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if names.get(called, called) in now:
            yield node.lineno
        for child in ast.iter_child_nodes(node):
            yield from walk(child)

    return list(walk(ast.parse(source)))


def test_the_scan_of_code_sees_what_is_not_marked():
    source = (
        "from django.utils.translation import gettext as _\n"
        "raise DomainError('code', 'Left in English.')\n"
        "raise DomainError('code', _('Marked.'))\n"
        "forms.CharField(label='Left bare ' + '', help_text='Also left.')\n"
        "def f(): return _('fine')\n"
    )
    assert list(unmarked(source)) == [(2, "'Left in English.'"), (4, "'Also left.'")]
    assert eager(source) == [3]


def test_no_message_or_label_of_the_code_is_left_in_english():
    left = []
    for app in messages.APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts or "management" in path.parts or path.name == "style_page.py":
                continue
            source = path.read_text(encoding="utf-8")
            place = str(path.relative_to(ROOT))
            left += [(place, *found) for found in unmarked(source)]
            left += [(place, line, "translated at import") for line in eager(source)]
    assert left == []


# ---- papers, scripts, the field console

DRAWN = {"heading", "paragraph", "facts", "table", "Document", "Paper"}


def undrawn(source):
    """Words that a PDF is given as they stand: no gettext call holds them."""
    names = messages._aliases(source)

    def words(node):
        called = getattr(node, "func", None)
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        if isinstance(node, ast.Call) and names.get(name, name) in messages.CALLS:
            return
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"[^\W\d_]{3,} ", node.value)
        ):
            yield node.lineno, node.value
        for child in ast.iter_child_nodes(node):
            yield from words(child)

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in DRAWN:
            for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from words(given)


def test_no_word_of_a_pdf_is_left_in_english():
    source = (
        "pdf.paragraph(_('Fine here'))\npdf.heading('Left in English')\npdf.facts([(_('A b'), 'Left too')])"
    )
    assert list(undrawn(source)) == [(2, "Left in English"), (3, "Left too")]
    papers = [
        path
        for app in messages.APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "accounts.pdf" in path.read_text(encoding="utf-8")
    ]
    assert len(papers) >= 4
    assert [
        (path.name, found) for path in papers for found in undrawn(path.read_text(encoding="utf-8"))
    ] == []


def spoken_in_script(source):
    """Texts of a script that look like words for people: what it says has to come from the page, which is translated."""
    source = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.S)
    texts = re.findall(r"""(["'`])((?:\\.|(?!\1).)*)\1""", source)
    return [
        text
        for _quote, text in texts
        if re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}", text) and not re.search(r"[\[\]#.>=]", text)
    ]


def test_no_script_holds_words_of_its_own():
    bare = """// A note for us.\nconst a = "main [data-x]", b = 'Left in English'; // "Not this one"\n"use strict";"""
    assert spoken_in_script(bare) == ["Left in English", "use strict"]
    scripts = [path for path in ROOT.glob("*/static/**/*.js") if "vendor" not in path.parts] + [
        *(ROOT / "gateway_sim" / "console" / "static").glob("*.js")
    ]
    found = {path.name: spoken_in_script(path.read_text(encoding="utf-8")) for path in scripts}
    assert found and {
        name: [text for text in texts if text != "use strict"] for name, texts in found.items()
    } == {name: [] for name in found}


def test_the_console_s_templates_hold_no_bare_words():
    """Its texts are looked up by its own table (tests/gateway_sim/field/test_console.py looks that none is missing)."""
    for path in sorted((ROOT / "gateway_sim" / "console" / "templates").glob("*.html")):
        found = bare_words(path.read_text(encoding="utf-8"))
        assert [text for text in found if "=" not in text] == [], (
            path.name
        )  # an attribute that a condition adds


@pytest.mark.parametrize("place", [0, 1], ids=["fr", "ru"])
def test_the_console_speaks_as_the_pages_do(place):
    from gateway_sim.console.texts import TEXTS

    for text, said in TEXTS.items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(said[place])), text
        assert "  " not in said[place] and said[place] == said[place].strip(), text
        if place == 0:
            assert not re.search("['“”]| [:;!?»%]|« ", PLACEHOLDER.sub("x", said[0])), said[0]


# ---- the extraction itself


def template_texts(source):
    return list(messages._texts_of_template("{% load i18n %}" + source))


def test_texts_of_templates_are_found_as_they_are_asked_for():
    assert template_texts("""{% translate "It's (a) “text”" %} {{ _("Via a filter")|upper }}""") == [
        Text("It's (a) “text”"),
        Text("Via a filter"),
    ]
    assert template_texts("""{% translate 'To' context "direction" as to %}""") == [
        Text("To", None, "direction")
    ]
    block = (
        '{% blocktranslate trimmed with n=a.b %}\n  One {{ n }}\n  line, it\'s "so"\n{% endblocktranslate %}'
    )
    assert template_texts(block) == [Text('One %(n)s line, it\'s "so"')]
    plural = '{% blocktranslate count n=x context "stock" %}{{ n }} box{% plural %}{{ n }} boxes{% endblocktranslate %}'
    assert template_texts(plural) == [Text("%(n)s box", "%(n)s boxes", "stock")]
    assert template_texts("{% comment %}{% translate 'Gone' %}{% endcomment %}<p>It's (not) one</p>") == []


def test_texts_of_code_are_found_under_every_name():
    source = (
        "from django.utils.translation import gettext_lazy as _l, npgettext, pgettext as _p\n"
        "a = _('Plain'), _l('Lazy ' 'joined')\n"
        "b = _p('sense', 'With context')\n"
        "c = npgettext('sense', 'one', 'many', 3)\n"
        "d = translation.gettext('By attribute')\n"
        "e = print('Not a text')\n"
    )
    found = set(messages._texts_of_python(source, messages._aliases(source)))
    assert found == {
        Text("Plain"), Text("Lazy joined"), Text("With context", None, "sense"),
        Text("one", "many", "sense"), Text("By attribute"),
    }  # fmt: skip
