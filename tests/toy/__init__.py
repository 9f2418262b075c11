"""A registry of one tiny study, for tests of what surrounds a study."""
