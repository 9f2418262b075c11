"""ReLU networks on a line or a plane, without sampling: linear regions, and fixed points with a proof that none is missing.

- `subdivision`: segments and convex polygons, cut along the zeros of functions that are affine on each cell.
- `linear_regions`: the regions on which a network is affine before its squash.
- `flat_regions`: plateaus, connected regions on which it is constant.
- `verified`: bounds on the difference between a network and its affine pieces, and a proof that the regions leave no gap.
- `krawczyk`: all solutions of x = squash(A x + c) in boxes, by interval arithmetic.
- `complete`: all fixed points, from the regions and the interval proofs."""

from landscape.measures.exact.complete import STABILITIES as STABILITIES
from landscape.measures.exact.complete import FixedPoints as FixedPoints
from landscape.measures.exact.complete import fixed_points as fixed_points
from landscape.measures.exact.flat_regions import PlateauShares as PlateauShares
from landscape.measures.exact.flat_regions import plateaus as plateaus
from landscape.measures.exact.linear_regions import Regions as Regions
from landscape.measures.exact.linear_regions import regions as regions
from landscape.measures.exact.linear_regions import regions_seen as regions_seen
