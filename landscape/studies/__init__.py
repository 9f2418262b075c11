"""One folder per study: study.py (parameters, cells, what is measured), claims, panels, figures and presets.toml."""
