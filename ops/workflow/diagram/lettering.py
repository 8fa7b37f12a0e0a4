"""How wide a text will be, measured so that no usual font of a reader's machine is wider."""

from __future__ import annotations

import re
import unicodedata
from math import ceil

# Advance widths of ASCII 32 to 126 in DejaVu Sans, the widest of the fonts that browsers fall back to,
# in thousandths of the font size. Measured once; a narrower font leaves a little more air.
_PLAIN = (
    *(318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337),
    *(636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531),
    *(1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787),
    *(603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500),
    *(500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612),
    *(635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838),
)
_BOLD = (
    *(348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365),
    *(696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580),
    *(1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850),
    *(733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500),
    *(500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687),
    *(716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838),
)
_UNKNOWN = 1050  # other scripts, signs and arrows
_PICTURE = 1500  # beyond the basic plane: emoji and rare ideographs

# What XML 1.0 cannot hold, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return the text on one line, without characters that XML cannot hold."""
    return " ".join(_ILLEGAL.sub("\ufffd", str(text)).split())


def width_of(text: str, size: float, *, bold: bool = False) -> int:
    """Return the width in pixels that a line of text may take, rounded up."""
    table = _BOLD if bold else _PLAIN
    return ceil(sum(_thousandths(character, table) for character in text) * size / 1000)


def wrap(text: str, size: float, limit: int, *, bold: bool = False) -> tuple[str, ...]:
    """Break a cleaned text into lines no wider than the limit; a word that is too long is cut."""
    lines: list[str] = []
    for word in clean(text).split():
        if lines and width_of(f"{lines[-1]} {word}", size, bold=bold) <= limit:
            lines[-1] += f" {word}"
        else:
            lines.extend(_pieces(word, size, limit, bold=bold))
    return tuple(lines)


def _pieces(word: str, size: float, limit: int, *, bold: bool) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, size, bold=bold) > limit:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _thousandths(character: str, table: tuple[int, ...]) -> int:
    code = ord(character)
    if 32 <= code <= 126:
        return table[code - 32]
    if code > 0xFFFF:
        return _PICTURE
    base = unicodedata.normalize("NFD", character)[0]
    return table[ord(base) - 32] if 32 <= ord(base) <= 126 else _UNKNOWN
