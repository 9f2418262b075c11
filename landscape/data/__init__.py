"""Training data: named sets, and a user's files and folders, as points in a box."""

from landscape.data.dataset import DATASETS as DATASETS
from landscape.data.dataset import Dataset as Dataset
from landscape.data.dataset import DataSpec as DataSpec
from landscape.data.files import find as find
from landscape.data.load import dimension as dimension
from landscape.data.load import held_out as held_out
from landscape.data.load import load_data as load_data
from landscape.data.load import shape_of as shape_of
from landscape.data.load import summary_of as summary_of
from landscape.data.published import at_hand as at_hand
from landscape.data.published import fetch as fetch
from landscape.data.source import place_of as place_of
from landscape.data.strip import strips as strips
from landscape.data.tables import Table as Table
