"""Three networks that are not of this package, and that pages of the gallery examine. Only torch is needed."""

from torch import Tensor, nn


def convolutional() -> nn.Module:
    """A convolutional autoencoder with a code of 32 numbers, batch norm and transposed convolutions."""
    encoder = [nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU()]
    encoder += [nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU()]
    code = [nn.Flatten(), nn.Linear(32 * 7 * 7, 32), nn.Linear(32, 32 * 7 * 7), nn.ReLU(), nn.Unflatten(1, (32, 7, 7))]
    decoder = [nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU()]
    decoder += [nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1), nn.Sigmoid()]
    return nn.Sequential(*encoder, *code, *decoder)


class DnCNN(nn.Module):
    """Subtracts the noise that it finds, with the layout of Zhang et al. 2017 in fewer layers."""

    def __init__(self, channels: int = 16, layers: int = 5) -> None:
        super().__init__()
        noise: list[nn.Module] = [nn.Conv2d(1, channels, 3, padding=1), nn.ReLU()]
        for _ in range(layers - 2):
            noise += [nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
        self.noise = nn.Sequential(*noise, nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        return x - self.noise(x)


def dncnn() -> nn.Module:
    """A DnCNN of 5 layers of 16 channels."""
    return DnCNN()


def wide() -> nn.Module:
    """An overparameterised autoencoder, as in Radhakrishnan et al. 2020: every layer is wider than its input."""
    layers: list[nn.Module] = [nn.Flatten(), nn.Linear(784, 1024), nn.SELU()]
    for _ in range(4):
        layers += [nn.Linear(1024, 1024), nn.SELU()]
    return nn.Sequential(*layers, nn.Linear(1024, 784), nn.Unflatten(1, (1, 28, 28)))
