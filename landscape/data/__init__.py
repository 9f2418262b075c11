"""Training data: named sets, and a user's files and folders, as points in a box."""

from typing import Any

from landscape.data.dataset import DATASETS as DATASETS
from landscape.data.dataset import Dataset as Dataset
from landscape.data.dataset import DataSpec as DataSpec
from landscape.data.files import find as find
from landscape.data.load import dimension as dimension
from landscape.data.load import held_out as held_out
from landscape.data.load import load_data as load_data
from landscape.data.load import shape_of as shape_of
from landscape.data.load import summary_of as summary_of
from landscape.data.own import Data as Data
from landscape.data.published import at_hand as at_hand
from landscape.data.published import fetch as fetch
from landscape.data.source import place_of as place_of
from landscape.data.strip import strips as strips
from landscape.data.tables import Table as Table
from landscape.deprecated import renamed as _renamed

_MOVED = {
    "DRAWN": "landscape.choices.DRAWN_SETS",
    "IMAGES": "landscape.choices.IMAGE_SETS",
    "NAMES": "landscape.choices.POINT_SETS",
    "listed": "landscape.names.listed",
    "unknown": "landscape.names.unknown",
    "written": "landscape.names.written",
}


def __getattr__(name: str) -> Any:
    return _renamed(__name__, name, _MOVED)
