"""Parameters called by words: "Температура в подающем трубопроводе", "Supply temperature", "Température départ".

A name is taken when it says what is measured and, where there are two pipes, in which one. Names of index readings
("показания", "Zählerstand", a bare "Energy" of a Western log) are left alone: a counter is no consumption.
"""

from __future__ import annotations

import re

_WHAT = (
    ("T", re.compile(r"температур|temperat|température")),
    ("P", re.compile(r"давлен|pressure|pression|druck")),
    ("M", re.compile(r"масса|массы|\bmass\b")),
    ("V", re.compile(r"об[ъь]?[её]м|\bvolume\b|volumen")),
    ("Q", re.compile(
        r"теплопотреблен|тепл(?!оносит)\w*\W*энерг|(?:количеств|потреблен|расход|отпуск)\w*\W*тепл(?!оносит)|"
        r"тепл(?:о|ота|оты)\b|"
        r"\bheat\W*consum|consommation\W*(?:de\W*)?(?:chaleur|chauffage)|wärmeverbrauch"
    )),
)  # fmt: skip
_LETTERS = {"t": "T", "т": "T", "p": "P", "р": "P", "m": "M", "м": "M", "v": "V", "q": "Q"}
_LETTER = re.compile(r"\b([tтpрmмvq])\b")
_WHERE = (
    ("delta", re.compile(r"разност|разниц|перепад|difference|différence|écart|differenz|spread")),
    ("cw", re.compile(r"холодн|\bхв\b|\bcold|froide")),
    ("outdoor", re.compile(r"наружн|улиц|outdoor|outside|ambient|extérieur|außen|aussen")),
    ("indoor", re.compile(r"внутр|помещен|indoor|\broom\b")),
    ("out", re.compile(r"обратн|обратк|return|retour|rücklauf|ruecklauf|outlet")),
    ("in", re.compile(r"подающ|подач|прям(?:о|ой|ом|ая)\b|supply|\bflow\b|forward|départ|\bdepart\b|vorlauf|inlet")),
)  # fmt: skip
_WORKED = re.compile(
    r"врем\w*\W*(?:нормальн\w*\W*)?(?:работы|наработки|сч[её]та)|наработк|operating\W*(?:hours|time)|working\W*time|"
    r"temps\W*de\W*(?:fonctionnement|marche)"
)
_NOT = re.compile(
    r"договор|норматив|график|уставк|лимит|макс|миним|\bмин\b|\bmax|\bmin|setpoint|consigne|limit|alarm|ошиб|error|"
    r"нараст|интегратор|накоп|index|индекс|показан|zählerstand|cumul|итог|total|утечк|подпит|слив|гвс|горяч|hot|"
    r"остан|отсут|простоя|нештат|поправ|коэфф|плотн|единиц|\bunit"
)
_KNOWN = frozenset(
    ("T_in", "T_out", "T_delta", "T_cw", "T_outdoor", "T_indoor", "P_in", "P_out", "P_delta", "P_cw", "M_in", "M_out",
     "M_delta", "V_in", "V_out", "V_delta", "Q_in", "Q_out", "Q_delta")
)  # fmt: skip
_BOUNDARY = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|[_.,:;/\-]+")


_TIME = re.compile(r"date|time|stamp|дата|время|horodat|datum|zeit|moment")
_NO_TIME = re.compile(
    r"creat|export|print|end|until|due|version|modif|update|install|calibr|valid|birth|duration|runtime|uptime|zone|"
    r"созд|выгруз|печат|конец|оконч|поверк|калибр|установ|допуск|изменен|наработ|работы|отсут|остан|нач|start|begin|from"
)


def may_be_time(name: str) -> bool:
    """Whether a record's time may stand under this name, if what stands there is one: readingDate, ДатаАрхива."""
    words = name.casefold()
    return len(name) <= 60 and bool(_TIME.search(words)) and not _NO_TIME.search(words)


def is_aside(text: str) -> bool:
    """Whether words beside a name say that something else is meant: a limit, an index, another system."""
    return _NOT.search(text.casefold()) is not None


def parameter_in_words(name: str) -> str | None:
    """The SDK parameter that a name in words means, without a doubt; None for any other name."""
    if not 4 <= len(name) <= 100:
        return None
    words = _BOUNDARY.sub(" ", name).casefold()
    if _NOT.search(words):
        return None
    places = [where for where, stem in _WHERE if stem.search(words)]
    kinds = [what for what, stem in _WHAT if stem.search(words)]
    if not kinds and places:  # under merged cells: "Подающий трубопровод t"
        kinds = [_LETTERS[letter] for letter in _LETTER.findall(words)]
    if not kinds:
        return "NormalOperationDuration" if _WORKED.search(words) else None
    if "delta" in places:
        places = ["delta"]
    if len(kinds) > 1 or len(places) > 1:
        return None
    if not places:
        return "Q_delta" if kinds == ["Q"] else None
    name = f"{kinds[0]}_{places[0]}"
    return name if name in _KNOWN else None
