"""Whether networks memorise: the verdict on their samples, and how it depends on depth, width, data and training."""
