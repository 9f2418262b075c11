"""What the commands do; `landscape.cli` gives them their names and options."""
