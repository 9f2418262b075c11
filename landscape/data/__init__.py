"""What networks are trained on."""

from landscape.data.dataset import Dataset as Dataset
from landscape.data.dataset import DataSpec as DataSpec
from landscape.data.synthetic import DRAWN as DRAWN
from landscape.data.synthetic import NAMES as NAMES
from landscape.data.synthetic import dimension as dimension
from landscape.data.synthetic import load_data as load_data
from landscape.data.synthetic import unknown as unknown
