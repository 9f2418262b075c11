"""The work of each command; `landscape.cli` holds the names and options."""
