"""How well nets of a few depths learn two points: the smallest study that trains."""
