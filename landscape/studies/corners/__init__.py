"""Corners: the loss at the 2^D corners of the cube, and between them, against the number of training points."""
