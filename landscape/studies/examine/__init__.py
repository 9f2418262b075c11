"""Examine a network of somebody else's: what kind of map it is, where its iteration leads, and whether it memorises."""
