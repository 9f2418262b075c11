"""Fixed points: all of them, which attract, and which of them iteration and gradient descent end at."""
