"""Fixed points: where they are, which of them attract, and where iteration and gradient descent end among them."""
