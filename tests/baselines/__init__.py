"""Tests of landscape.baselines."""
