"""The studies that train networks by recipes, and those that do not: their networks are from outside, or of other kinds."""

from landscape import presets

FROM_OUTSIDE = [name for name in presets.study_names() if not presets.study_class(name).trains]
TRAINING = [name for name in presets.study_names() if name not in FROM_OUTSIDE]
