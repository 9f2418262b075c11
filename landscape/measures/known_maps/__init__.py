"""Maps whose landscape is known without measuring, for comparison with networks.

- `controls`: constants, the identity, the nearest-neighbour memoriser.
- `references`: maps of the plane whose basins the literature describes."""

from landscape.measures.known_maps.controls import CONTROLS as CONTROLS
from landscape.measures.known_maps.controls import Constant as Constant
from landscape.measures.known_maps.controls import Identity as Identity
from landscape.measures.known_maps.controls import Memoriser as Memoriser
from landscape.measures.known_maps.controls import control as control
from landscape.measures.known_maps.references import REFERENCES as REFERENCES
from landscape.measures.known_maps.references import Formula as Formula
from landscape.measures.known_maps.references import Reference as Reference
