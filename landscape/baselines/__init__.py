"""Samplers for comparison: baselines trained on the same data, and controls with a verdict that is known in advance."""

from landscape.baselines.by_name import BASELINES as BASELINES
from landscape.baselines.by_name import baseline as baseline
from landscape.baselines.by_name import train_baseline as train_baseline
from landscape.baselines.controls import CONTROL_SAMPLERS as CONTROL_SAMPLERS
from landscape.baselines.controls import control_samples as control_samples
from landscape.baselines.controls import control_training_loss as control_training_loss
from landscape.baselines.controls import mixed_samples as mixed_samples
from landscape.baselines.sampler import Sampler as Sampler
