"""Pictures from tidy tables and arrays: no torch, no training."""

from landscape.figures.panel import Animation as Animation
from landscape.figures.panel import Kaleidoscope as Kaleidoscope
from landscape.figures.panel import Panel as Panel
from landscape.figures.panel import Scene as Scene
from landscape.figures.panel import SceneGrid as SceneGrid
from landscape.figures.panel import Surface as Surface
