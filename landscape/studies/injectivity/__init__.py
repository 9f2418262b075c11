"""Injectivity: which ReLU layers are one-to-one, which images they give the same code, and where networks merge points."""
