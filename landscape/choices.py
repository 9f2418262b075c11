"""The names that parameters choose among, and numbers that limit them: here, so that a study's options load no torch."""

NET_KINDS = ("mlp", "residual", "cnn", "cnn-bottleneck", "unet", "transformer", "injective")
USUAL_ACTIVATION = "default"  # each net's own
ACTIVATIONS = ("relu", "leaky", "gelu", "tanh", "sine")
PIECEWISE_ACTIVATIONS = ("relu", "leaky")  # of networks that are affine in pieces
INITIALISATIONS = ("torch", "he", "identity")
OBJECTIVES = ("plain", "denoising", "contractive", "idempotent")
RATE_SCHEDULES = ("constant", "linear", "cosine")
PRECISIONS = ("float32", "bfloat16")
KEPT_WEIGHTS = ("best", "last")
FIXED_SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square")
DRAWN_SETS = ("uniform", "clusters")
POINT_SETS = (*FIXED_SETS, *DRAWN_SETS, "digits")
IMAGE_SETS = ("mnist", "fashion-mnist", "cifar10")
STARTS = ("uniform", "normal", "normal-clipped", "standard", "data")
NOISE_KINDS = ("normal", "uniform", "published")
NEIGHBOURS = 5  # k of the balls of precision and coverage, Naeem et al. (2020): samples must be more
