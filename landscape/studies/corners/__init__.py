"""Corners: how high the loss is at the 2^D corners of the cube, and between them, as the training points become more."""
