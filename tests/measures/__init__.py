"""Tests of landscape.measures."""
