"""One plain document as PDF: a heading, paragraphs, facts, tables, a drawing, page numbers. A4, portrait.

The fonts lie beside this module (DejaVu, its licence with it), so that Cyrillic looks the same on every machine.
The bytes depend on the content and on the clock's instant only.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, Literal

import resvg_py
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from accounts.templatetags.releve import local_time

FONTS = Path(__file__).parent / "fonts"
INK, MUTED, LINE, BRAND, SOFT = (20, 35, 31), (86, 102, 95), (223, 229, 225), (15, 107, 92), (237, 241, 238)
MARGIN, WIDTH = 18.0, 174.0  # millimetres
PADDING, SLACK = 1.2, 0.3  # beside each cell's text; what rounding may take
TABLE_SIZE, SMALLEST = 8.5, 5.0  # points
_USAGES = {"heating": "#d55e00", "hot_water": "#b8467e", "cooling": "#3a9bd1", "sockets": "#d99a00",
           "other": "#7a858a", "water": "#0067a6", "brand": "#0f6b5c"}  # fmt: skip
# The light colours of portal/static/portal/tokens.css: paper is white, and a renderer knows no CSS variables.
_DRAWING_CSS = """
text { font-family: "DejaVu Sans"; font-size: 12px; fill: #56665f }
.grid { stroke: #dfe5e1; stroke-width: 1 } .zero { stroke: #8a9891; stroke-width: 1 }
.seg-bar { fill: #7a858a; stroke: #ffffff; stroke-width: .75 } .hatch-line { stroke: #ffffff; stroke-width: 3; opacity: .6 }
.missing { fill: none; stroke: #8a9891; stroke-width: 1; stroke-dasharray: 3 3 } .hit { fill: none }
.line { fill: none; stroke: #0f6b5c; stroke-width: 2; stroke-linejoin: round } .dot { fill: #0f6b5c }
.line-2 { stroke-dasharray: 7 4 } .line-3 { stroke-dasharray: 2 4 }
.flag { fill: #ffffff; stroke: #b3261e; stroke-width: 2 }
""" + "".join(
    f".seg-bar.u-{name} {{ fill: {colour} }} .u-{name} .line {{ stroke: {colour} }} .u-{name} .dot {{ fill: {colour} }}\n"
    for name, colour in _USAGES.items()
)


def picture(svg: str, *, pixels: int) -> bytes:
    """A drawing of ours as PNG, `pixels` wide, on white, in the printed colours: for a PDF or a mail."""
    if "xmlns=" not in svg[: svg.index(">")]:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    made: Any = resvg_py.svg_to_bytes(
        svg_string=svg, width=pixels, background="#ffffff", style_sheet=_DRAWING_CSS, skip_system_fonts=True,
        font_files=[str(FONTS / "DejaVuSans.ttf")], font_family="DejaVu Sans", sans_serif_family="DejaVu Sans",
    )  # fmt: skip
    return bytes(made)


class _Pages(FPDF):
    foot = ""
    page_words = "%(page)s / %(pages)s"

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("sans", size=8)
        self.set_text_color(*MUTED)
        self.cell(WIDTH * 0.75, 5, self.foot)
        self.cell(0, 5, self.page_words % {"page": self.page_no(), "pages": "{nb}"}, align="R")


class Document:
    """Write from top to bottom, then take `bytes()`. Every text is plain: markup is printed as it stands.

    `language` is the reader's (fr, ru, en): it names the document's language and words the page numbers; what is
    written into the document is translated by the caller. `subtitle` stands small under the title, `foot` (a name
    of a programme, a receipt's number) at the foot of each page, beside the time in `zone` at which it was made.
    """

    def __init__(
        self, language: str, title: str, *, subtitle: str = "", foot: str = "", zone: tzinfo | None = None
    ) -> None:
        self._language = language
        pdf = _Pages(format="A4")
        pdf.set_creation_date(timezone.now())
        pdf.set_title(title)
        pdf.set_creator("Relevé")
        pdf.set_lang(language)
        pdf.set_margins(MARGIN, 16, MARGIN)
        pdf.set_auto_page_break(True, margin=20)
        pdf.add_font("sans", "", FONTS / "DejaVuSans.ttf")
        pdf.add_font("sans", "B", FONTS / "DejaVuSans-Bold.ttf")
        with translation.override(language):
            pdf.page_words = _("Page %(page)s of %(pages)s")
            pdf.foot = " · ".join(part for part in (foot, _stamp(zone)) if part)
        pdf.add_page()
        self._pdf = pdf
        self._text(title, size=18, bold=True, height=9)
        if subtitle:
            self._text(subtitle, size=10, colour=MUTED, height=5.5)
        pdf.set_draw_color(*BRAND)
        pdf.set_line_width(0.6)
        y = pdf.get_y() + 2
        pdf.line(MARGIN, y, MARGIN + WIDTH, y)
        pdf.set_y(y + 5)

    def _text(
        self,
        text: str,
        *,
        size: float = 10,
        bold: bool = False,
        colour: tuple[int, int, int] = INK,
        height: float = 5.2,
        width: float = 0,
    ) -> None:
        self._pdf.set_font("sans", "B" if bold else "", size)
        self._pdf.set_text_color(*colour)
        self._pdf.multi_cell(width, height, _clean(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str) -> None:
        if self._pdf.will_page_break(30):  # itself, and a table's head with its first row
            self._pdf.add_page()
        self._pdf.ln(3)
        self._text(text, size=12.5, bold=True, height=7)
        self._pdf.ln(0.5)

    def paragraph(self, text: str, *, strong: bool = False, small: bool = False) -> None:
        if not text:
            return
        self._text(text, bold=strong, size=8.5 if small else 10, colour=MUTED if small else INK)
        self._pdf.ln(2)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names and values in two columns."""
        pdf = self._pdf
        for name, value in pairs:
            if pdf.will_page_break(10):
                pdf.add_page()
            top = pdf.get_y()
            self._text(name, colour=MUTED, width=60)
            below = pdf.get_y()
            pdf.set_xy(MARGIN + 62, top)
            self._text(value or "—", bold=True, width=WIDTH - 62)
            pdf.set_y(max(below, pdf.get_y()) + 1)
        pdf.ln(2)

    def table(
        self,
        head: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        numbers: Iterable[int] = (),
        widths: Sequence[float] | None = None,
        foot: Sequence[str] | None = None,
    ) -> None:
        """A table whose head is repeated on each page. `numbers`: places of the columns set to the right, from 0;
        `widths`: the columns' shares of the width; `foot`: the total row, in bold. No word and no number is broken
        in two: a column takes the room that its longest one needs, and where all together need more, letters shrink."""
        pdf, right, body = self._pdf, set(numbers), [list(row) for row in rows]
        size, widths = self._fitted([head, *([foot] if foot else [])], body, widths)
        align: tuple[Literal["R", "L"], ...] = tuple("R" if at in right else "L" for at in range(len(head)))
        pdf.set_font("sans", size=size)
        pdf.set_text_color(*INK)
        pdf.set_draw_color(*LINE)
        pdf.set_line_width(0.2)
        bold = FontFace(emphasis="BOLD", color=INK)
        with pdf.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, line_height=5, padding=(0.8, PADDING), align="LEFT",
            text_align=align, width=WIDTH, col_widths=tuple(widths),
            headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=SOFT),
        ) as table:  # fmt: skip
            table.row([_clean(cell) for cell in head])
            for row in body:
                table.row([_clean(cell) for cell in row])
            if foot is not None:
                table.row([_clean(cell) for cell in foot], style=bold)
        pdf.ln(3)

    def _fitted(
        self, strong: Sequence[Sequence[str]], plain: Sequence[Sequence[str]], shares: Sequence[float] | None
    ) -> tuple[float, list[float]]:
        """The size of the letters, and the columns' widths in millimetres."""
        pdf, columns = self._pdf, len(strong[0])
        need = [0.0] * columns
        for style, rows in (("B", strong), ("", plain)):
            pdf.set_font("sans", style, TABLE_SIZE)
            for row in rows:
                for at, cell in enumerate(row[:columns]):
                    words = re.split(r"[ \n]+", _clean(cell))
                    need[at] = max(need[at], *(pdf.get_string_width(word) for word in words))
        room = WIDTH - columns * (2 * PADDING + SLACK)
        shrunk = min(1.0, room / (sum(need) or 1.0))
        least = [width * shrunk + 2 * PADDING + SLACK for width in need]
        whole = sum(shares or [1.0] * columns)
        wanted = [WIDTH * share / whole for share in shares or [1.0] * columns]
        spare = [max(0.0, want - must) for want, must in zip(wanted, least, strict=True)]
        scale = (WIDTH - sum(least)) / (sum(spare) or 1.0)
        widths = [must + more * scale for must, more in zip(least, spare, strict=True)]
        return max(SMALLEST, TABLE_SIZE * shrunk), widths

    def drawing(self, svg: str, *, width: float = WIDTH) -> None:
        """An SVG with a viewBox, `width` millimetres wide. The classes of our charts have their printed colours."""
        box = re.search(r'viewBox="\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)', svg)
        if box is None:
            raise ValueError("a drawing needs a viewBox")
        height = width * float(box[2]) / float(box[1])
        image = picture(svg, pixels=round(width * 9))
        pdf = self._pdf
        if pdf.will_page_break(height):
            pdf.add_page()
        top = pdf.get_y()
        pdf.image(io.BytesIO(image), x=MARGIN, y=top, w=width, h=height)
        pdf.set_y(top + height + 4)

    def bytes(self) -> bytes:
        return bytes(self._pdf.output())


def _stamp(zone: tzinfo | None) -> str:
    return local_time(timezone.now(), zone) + ("" if zone else " UTC")


def _clean(text: str) -> str:
    """Control characters have no glyph; the narrow space that numbers are grouped with has none in this font's bold."""
    return "".join(" " if sign < " " and sign != "\n" else sign for sign in str(text)).replace(
        "\u202f", "\xa0"
    )
