"""Basins: which attractor each point of the input space leads to, how soon, and how ragged the borders are."""
