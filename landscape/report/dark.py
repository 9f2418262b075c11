"""Colours of figures on a dark page: a rule of the page's style for each colour that its figures use.

A figure has the colours of a light page as attributes, so that it is complete by itself when a reader saves it. On the page a
CSS variable takes their place, which is light or dark as the page is."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.colors import to_hex, to_rgb

from landscape.figures.contrast import GRAPHIC, TEXT, readable
from landscape.figures.theme import AMBER, BLUE, GREEN, GRID, INK, MUTED, ORANGE, PURPLE, SKY, YELLOW

CARD = "#1a2028"  # the ground of a dark page's panels; page.css has the same
WHITE, LIGHT = "#ffffff", "#d5dbe1"
# A figure with more colours shows values of a colour map. On a dark page these keep their colours, and only PICKED ones change.
MOST_COLOURS = 24
PICKED = {
    INK: "#e6ebf1",
    MUTED: "#9fb0c0",
    GRID: "#2f3a46",
    "#262626": "#d5dde6",
    "#9aa5b1": "#66788a",
    LIGHT: "#3d4a58",
    WHITE: CARD,
    BLUE: "#1f86cc",  # a thin line, and dots through which the ground shows
    **{colour: colour for colour in (ORANGE, GREEN, PURPLE, SKY, AMBER, YELLOW)},  # light enough, and as in scenes
}


def dark(colour: str, contrast: float = GRAPHIC) -> str:
    """The colour '#rrggbb' on a dark page: as PICKED says, or a grey inverted; made as light as `contrast` asks."""
    red, green, blue = to_rgb(colour)
    if colour in (WHITE, GRID, LIGHT) or (red == green == blue and colour not in PICKED):
        low, high = to_rgb(CARD)[1], 0.93
        grey = high - red * (high - low)
        return PICKED.get(colour) or str(to_hex((grey, grey, grey)))
    return readable(PICKED.get(colour, colour), CARD, contrast)


def themed(colours: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of a figure's colours that change on a dark page."""
    return colours if len(colours) <= MOST_COLOURS else {(kind, colour) for kind, colour in colours if colour in PICKED}


def rules(colours: Iterable[tuple[str, str]]) -> str:
    """The style of the colours that figures use, given as pairs of 'fill', 'stroke' or 'text', and the colour.

    White words stand on dark pictures, so they stay white; marks on pictures (data-still) keep all their colours."""
    found = sorted(set(colours) - {("text", WHITE)})
    lines = []
    for kind, colour in found:
        name = f"--{'t' if kind == 'text' else 'c'}-{colour.removeprefix('#')}"
        value = dark(colour, TEXT if kind == "text" else GRAPHIC)
        part, what = (
            (":is(text,tspan)", "fill") if kind == "text" else (":not(text,tspan,[data-still],[data-still] *)", kind)
        )
        lines.append(f".drawing {{ {name}: light-dark({colour}, {value}); }}")
        lines.append(f'.drawing {part}[{what}="{colour}"] {{ {what}: var({name}); }}')
    return "\n".join(dict.fromkeys(lines))
