"""The injective kaleidoscope: what becomes of plateaus, attraction and samples when layers cannot merge points."""
