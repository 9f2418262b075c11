"""Architectures: NETS maps a kind to its class."""

from landscape.nets.mlp import INITIALISATIONS as INITIALISATIONS
from landscape.nets.mlp import MLP as MLP
from landscape.nets.net import ACTIVATIONS as ACTIVATIONS
from landscape.nets.net import OUTPUTS as OUTPUTS
from landscape.nets.net import Gradient as Gradient
from landscape.nets.net import Layer as Layer
from landscape.nets.net import Net as Net
from landscape.nets.net import Parameters as Parameters
from landscape.nets.net import differentiate as differentiate

NETS: dict[str, type[Net]] = {"mlp": MLP}
