"""The numbers that posters (figures, report/still.py) and live pictures (report/viewer) share; they are in drawing.json.

box       the box around a surface spans −1…1 in x, −depth…depth in y and 0…height in z; depth is limited to shallowest…deepest
camera    halfAngle: half the picture's height as an angle at the eye, in degrees. bisections: how often the camera's distance
          is bisected. azimuths: at how many of them the box must fit the picture
ticks     steps: [step, limit] in order. A step is taken if the rough step, divided by its power of ten, is below the limit; 10
          if none is. superscripts: the signs of exponents
labels    tick: the length of a tick; gap: from the tick to its text; spacing: between two texts, all in pixels. height: of a
          text, in font sizes. topView: the elevation in degrees above which there is no height axis
dots      lift: the height of samples above the sheet. many: of more training points, all together have the area of so many
light     the lamp is in the direction `direction` + towardsEye × the direction to the eye. The brightness of the upper
          side is ambient + diffuse × the cosine between the normal and the lamp; that of the underside is `share` of this +
          `added`. shine: the strength of the highlight on the upper side; sharpness: its exponent
bar       of the colour bar, in pixels: its distance from top and bottom, its width, the length of its ticks, the distance of
          its texts, and the place of its name, from the right and from the top
formats   of a picture narrower than `below` pixels: its margins (right and top: [without, with a colour bar]), font size, about
          how many ticks, a factor on the size of dots, and the distance of the colour bar from the right edge
orbits    places are stored as codes 0…steps along each axis, over the extent and `margin` times its size beyond each side
film      lastFrame: the milliseconds for which a film rests on its last frame"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DRAWING_FILE = Path(__file__).with_name("drawing.json")
DRAWING: dict[str, Any] = json.loads(DRAWING_FILE.read_text(encoding="utf-8"))
