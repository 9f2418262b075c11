"""The studies that train networks, and those whose networks come from outside: these have no recipes, claims or paper's preset."""

from landscape import presets

FROM_OUTSIDE = ("audit", "examine")
TRAINING = [name for name in presets.study_names() if name not in FROM_OUTSIDE]
