"""Whether samples of any generator are copies of its training points, and whether they are varied."""
