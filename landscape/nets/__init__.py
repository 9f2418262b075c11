"""Architectures: NETS maps a kind to its class."""

from typing import Any

from landscape.deprecated import renamed as _renamed
from landscape.nets.bottleneck import BottleneckCNN as BottleneckCNN
from landscape.nets.cnn import CNN as CNN
from landscape.nets.convolution import Convolution as Convolution
from landscape.nets.convolution import ConvolutionalNet as ConvolutionalNet
from landscape.nets.factory import NETS as NETS
from landscape.nets.factory import inits_of as inits_of
from landscape.nets.factory import make_net as make_net
from landscape.nets.factory import net_of as net_of
from landscape.nets.factory import width_for as width_for
from landscape.nets.injective import MONOTONE as MONOTONE
from landscape.nets.injective import Injective as Injective
from landscape.nets.injective import InjectiveLayer as InjectiveLayer
from landscape.nets.mlp import MLP as MLP
from landscape.nets.module_net import ModuleNet as ModuleNet
from landscape.nets.net import OUTPUTS as OUTPUTS
from landscape.nets.net import Gradient as Gradient
from landscape.nets.net import Layer as Layer
from landscape.nets.net import Net as Net
from landscape.nets.net import Parameters as Parameters
from landscape.nets.net import differentiate as differentiate
from landscape.nets.residual import Residual as Residual
from landscape.nets.transformer import Transformer as Transformer
from landscape.nets.unet import UNet as UNet

_MOVED = {
    "ACTIVATIONS": "landscape.choices.ACTIVATIONS",
    "DEFAULT": "landscape.choices.USUAL_ACTIVATION",
    "INITIALISATIONS": "landscape.choices.INITIALISATIONS",
}


def __getattr__(name: str) -> Any:
    return _renamed(__name__, name, _MOVED)
