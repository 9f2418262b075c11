"""Step flatness: how step-like the map is between training points, against depth and width."""
