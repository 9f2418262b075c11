"""One module per study; its presets are the TOML of the same stem."""
