"""The studies that train networks, and those whose networks come from outside, which have no recipes, claims or paper."""

from landscape import presets

FROM_OUTSIDE = [name for name in presets.study_names() if not presets.study_class(name).trains]
TRAINING = [name for name in presets.study_names() if name not in FROM_OUTSIDE]
