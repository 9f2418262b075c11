"""Other people's networks as maps: modules, lists of modules, exported programs, functions of a batch."""

from landscape.wrapping.copying import NotAMap as NotAMap
from landscape.wrapping.copying import takes as takes
from landscape.wrapping.differences import Differenced as Differenced
from landscape.wrapping.files import load_module as load_module
from landscape.wrapping.making import wrap as wrap
from landscape.wrapping.wrapped import Wrapped as Wrapped
