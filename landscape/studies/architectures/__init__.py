"""Architectures: where samples of nets other than the MLP end, compared at equal training losses."""
