"""Plain-text VIF (7Ch, FCh): a length and the unit as text, last character first.

Two orders exist in the field where VIFEs come too: the text before the VIFEs (Elvaco and others) and, as the
standard's text has it, after them.
"""

from __future__ import annotations

from typing import NamedTuple


class TextVif(NamedTuple):
    text: str
    block: bytes  # VIF and VIFEs without the text
    end: int  # where the data begin
    doubtful: bool  # both orders are possible here


def find_text(data: bytes, vif_at: int, after: int, text_first: bool) -> TextVif:
    """`after` is the end of the VIFEs read as a chain. Raises IndexError when the data end inside the block."""
    if not data[vif_at] & 0x80:
        return _text_then_vifes(data, vif_at)
    one, other = _try_text_first(data, vif_at), _try_vifes_first(data, vif_at, after)
    if one is None and other is None:
        raise IndexError
    if one is None or other is None:
        found = one or other
        assert found is not None
        return found
    if _plausible(one.text) != _plausible(other.text):
        return one if _plausible(one.text) else other
    return (one if text_first else other)._replace(doubtful=True)


def _try_text_first(data: bytes, vif_at: int) -> TextVif | None:
    try:
        return _text_then_vifes(data, vif_at)
    except IndexError:
        return None


def _text_then_vifes(data: bytes, vif_at: int) -> TextVif:
    vif = data[vif_at]
    start = vif_at + 2
    end = start + data[vif_at + 1]
    text = _text(data, start, end)
    at = end
    if vif & 0x80:
        while data[at] & 0x80:
            at += 1
        at += 1
    return TextVif(text, bytes((vif,)) + data[end:at], at, False)


def _try_vifes_first(data: bytes, vif_at: int, after: int) -> TextVif | None:
    if after >= len(data):
        return None
    start = after + 1
    end = start + data[after]
    if end > len(data):
        return None
    return TextVif(_text(data, start, end), data[vif_at:after], end, False)


def _text(data: bytes, start: int, end: int) -> str:
    if end > len(data):
        raise IndexError
    return data[start:end][::-1].decode("latin-1")


def _plausible(text: str) -> bool:
    return bool(text) and all(" " <= c <= "~" or c >= "\xa0" for c in text)
