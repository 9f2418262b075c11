"""A film over training: how the surface, the fixed points and the ends of orbits change from step to step."""
