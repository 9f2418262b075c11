"""The numbers by which posters (figures, report/still.py) and a page's live pictures (report/viewer) draw alike: drawing.json.

box       a surface spans −1…1 in x, −depth…depth in y and 0…height in z; depth lies from shallowest to deepest
camera    half of the picture's height as an angle at the eye, in degrees; how the distance of the camera is found
ticks     [step, the ratio of a rough step to its power of ten below which that step is taken], else 10; signs of powers
labels    in pixels: the length of a tick, the gap from it to its text, the space between two texts; the height of a text
          in font sizes; the elevation in degrees from which heights are read from colours alone
dots      how far samples stand above the sheet
bar       of the colour bar, in pixels: its top, its width, its ticks, its texts' distance, its name's place from the corner
formats   of a picture `below` so many pixels wide: margins (of right and top: without, with a colour bar), font size, about
          how many ticks, size of dots, and how far from the right edge the colour bar stands
orbits    codes 0…steps are places along an axis; they reach a share `margin` of the extent beyond its sides
light     of the sheet: direction + towardsEye × (direction to the eye) points to the lamp; a side turned to the eye has the brightness
          ambient + diffuse × cosine, its underside `share` of that + `added`; shine is the highlight, sharpness its exponent
film      milliseconds that a film rests on its last frame"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DRAWING_FILE = Path(__file__).with_name("drawing.json")
DRAWING: dict[str, Any] = json.loads(DRAWING_FILE.read_text(encoding="utf-8"))
