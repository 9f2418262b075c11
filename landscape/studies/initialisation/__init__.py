"""Initialisation: how many fixed points networks have before training, by the tail of their initial weights."""
