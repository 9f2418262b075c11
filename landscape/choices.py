"""The names that parameters choose among, and limits of numbers. This module loads no torch, as help needs the names."""

NET_KINDS = ("mlp", "residual", "cnn", "cnn-bottleneck", "unet", "transformer", "injective")
USUAL_ACTIVATION = "default"  # the activation that a kind of net has by default
ACTIVATIONS = ("relu", "leaky", "gelu", "tanh", "sine")
MONOTONE_ACTIVATIONS = ("relu", "leaky", "tanh")  # of which injective layers can be made
PIECEWISE_ACTIVATIONS = ("relu", "leaky")  # with these, networks are piecewise affine
GENERATORS = ("ordinary", "injective")
INITIALISATIONS = ("torch", "he", "he-biased", "stable-1.5", "cauchy", "identity")
OBJECTIVES = ("plain", "denoising", "contractive", "idempotent")
RATE_SCHEDULES = ("constant", "linear", "cosine")
PRECISIONS = ("float32", "bfloat16")
KEPT_WEIGHTS = ("best", "last")
FIXED_SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square")
DRAWN_SETS = ("uniform", "clusters")
POINT_SETS = (*FIXED_SETS, *DRAWN_SETS, "digits")
IMAGE_SETS = ("mnist", "fashion-mnist", "cifar10")
ARRAY_SUFFIXES, TABLE_SUFFIXES = (".npz", ".npy"), (".csv", ".tsv", ".parquet")  # of files of data
STARTS = ("uniform", "normal", "normal-clipped", "standard", "data")
NOISE_KINDS = ("normal", "uniform", "published")
NEIGHBOURS = 5  # k of the k-NN balls of precision and coverage, Naeem et al. (2020); more samples than k are needed
