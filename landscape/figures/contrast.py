"""Contrast of colours (WCAG 2.2), and colours made dark or light enough for a ground."""

from __future__ import annotations

import colorsys

from matplotlib.colors import to_hex, to_rgb

GRAPHIC, TEXT = 3.0, 4.5  # the least contrast of marks (criterion 1.4.11) and of text (1.4.3)


def contrast(colour: str, ground: str) -> float:
    """The contrast of two colours, 1 to 21."""
    high, low = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, ground: str, least: float = TEXT) -> str:
    """The colour '#rrggbb', darker or lighter in steps of 1 % until its contrast with `ground` is `least`."""
    hue, light, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    step = -0.01 if _luminance(ground) > 0.2 else 0.01
    changed = str(to_hex(colour))
    while contrast(changed, ground) < least:
        light += step
        changed = str(to_hex(colorsys.hls_to_rgb(hue, light, saturation)))
    return changed


def _luminance(colour: str) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
