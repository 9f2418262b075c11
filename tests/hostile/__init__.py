"""Hostile command lines: places that are not what they seem, values that no study can take, and lines made of them."""
