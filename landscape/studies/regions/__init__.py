"""Regions: the affine pieces of ReLU networks, all of them: how many, how flat, and how much of the range is a plateau."""
