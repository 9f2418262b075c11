"""Depth sweep: hidden layers × width × members on small data sets, with an equal-parameter control."""
