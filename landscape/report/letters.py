"""The letters that a page's figures use, as a font that the page carries."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from functools import cache

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, findfont

FAMILY = "Landscape Sans"
FALLBACK = (
    f"'{FAMILY}', 'DejaVu Sans', Verdana, sans-serif"  # Verdana's letters are almost as wide as those of DejaVu Sans
)


def font_faces(letters: Iterable[tuple[str, bool]]) -> str:
    """The style that embeds DejaVu Sans, matplotlib's font, with `letters`: pairs of a letter and whether it is bold.

    A figure is laid out with this font, so that every reader sees its text in the place and size for which space was made.
    Letters that the font lacks are drawn by the reader's fonts."""
    found = set(letters)
    faces = []
    for bold in (False, True):
        text = "".join(sorted(letter for letter, is_bold in found if is_bold == bold))
        if text:
            font = base64.b64encode(_subset(text, bold)).decode()
            faces.append(
                f'@font-face {{ font-family: "{FAMILY}"; font-weight: {700 if bold else 400}; '
                f"src: url(data:font/woff;base64,{font}) format('woff'); }}"
            )
    return "\n".join(faces)


@cache
def _subset(text: str, bold: bool) -> bytes:
    """DejaVu Sans with the letters of `text` alone, as WOFF."""
    options = subset.Options()
    options.flavor, options.hinting, options.desubroutinize = "woff", False, True
    options.layout_features, options.drop_tables = ["kern"], [*options.drop_tables, "FFTM"]
    options.name_IDs, options.notdef_outline, options.glyph_names = [], False, False
    whole = findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal"))
    cut, out = subset.Subsetter(options), io.BytesIO()
    cut.populate(text=text)
    with TTFont(whole, recalcTimestamp=False, lazy=True) as font:  # all its tables at once take half as long again
        cut.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()
