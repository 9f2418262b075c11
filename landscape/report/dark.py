"""Colours of figures on a dark page: a rule of the page's style for each colour that its figures use.

A figure has the colours of a light page as attributes, so that it is complete by itself when a reader saves it. On the page a
CSS variable takes their place, which is light or dark as the page is."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

from matplotlib.colors import to_hex, to_rgb

from landscape.figures.theme import AMBER, BLUE, GREEN, GRID, INK, MUTED, ORANGE, PURPLE, SKY, YELLOW

CARD = "#1a2028"  # the ground of a dark page's panels; page.css has the same
GRAPHIC, TEXT = 3.0, 4.5  # the least contrast with it (WCAG 2.2, 1.4.11 and 1.4.3)
WHITE, LIGHT = "#ffffff", "#d5dbe1"
PICKED = {
    INK: "#e6ebf1",
    MUTED: "#9fb0c0",
    GRID: "#2f3a46",
    "#262626": "#d5dde6",
    "#9aa5b1": "#66788a",
    LIGHT: "#3d4a58",
    WHITE: CARD,
    **{
        colour: colour for colour in (BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER, YELLOW)
    },  # light enough, and as in scenes
}
MOST_PICKED = (
    12  # a figure with more colours, apart from PICKED, shows values of a colour map, which keep their colours
)


def dark(colour: str, contrast: float = GRAPHIC) -> str:
    """The colour '#rrggbb' on a dark page: as PICKED says, or a grey inverted; made as light as `contrast` asks."""
    red, green, blue = to_rgb(colour)
    if colour in (WHITE, GRID, LIGHT) or (red == green == blue and colour not in PICKED):
        low, high = to_rgb(CARD)[1], 0.93
        grey = high - red * (high - low)
        return PICKED.get(colour) or str(to_hex((grey, grey, grey)))
    changed = PICKED.get(colour, colour)
    hue, light, saturation = colorsys.rgb_to_hls(*to_rgb(changed))
    while contrast_of(changed) < contrast:
        light += 0.01
        changed = str(to_hex(colorsys.hls_to_rgb(hue, light, saturation)))
    return changed


def contrast_of(colour: str, ground: str = CARD) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def rules(colours: Iterable[tuple[str, str]]) -> str:
    """The style of the colours that figures use, given as pairs of 'fill', 'stroke' or 'text', and the colour.

    White words stand on dark pictures, so they stay white."""
    found = sorted(set(colours) - {("text", WHITE)})
    lines = []
    for kind, colour in found:
        name = f"--{'t' if kind == 'text' else 'c'}-{colour.removeprefix('#')}"
        value = dark(colour, TEXT if kind == "text" else GRAPHIC)
        part, what = (":is(text,tspan)", "fill") if kind == "text" else (":not(text,tspan)", kind)
        lines.append(f".drawing {{ {name}: light-dark({colour}, {value}); }}")
        lines.append(f'.drawing {part}[{what}="{colour}"] {{ {what}: var({name}); }}')
    return "\n".join(dict.fromkeys(lines))
