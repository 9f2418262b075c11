"""Architectures: where samples of other nets than the MLP lead, compared at like training losses."""
