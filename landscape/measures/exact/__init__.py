"""ReLU networks without sampling: regions and all fixed points on a line or a plane, and whether a layer is one-to-one.

- `subdivision`: segments and convex polygons, cut along the zeros of functions that are affine on each cell.
- `linear_regions`: the regions on which a network is affine before its squash.
- `flat_regions`: plateaus, connected regions on which it is constant.
- `verified`: bounds on the difference between a network and its affine pieces, and a proof that the regions leave no gap.
- `krawczyk`: all solutions of x = squash(A x + c) in boxes, by interval arithmetic.
- `complete`: all fixed points, from the regions and the interval proofs.

Whether a ReLU layer of any dimension is one-to-one:

- `layer_arguments`, `hyperplanes`: the layer that is given, and the hyperplanes on which its rows are zero.
- `cells`: a search over the cells of these hyperplanes.
- `mixed_integer`: the same question as a mixed-integer programme.
- `falsifier`: points at which few rows are active, for large layers.
- `collisions`: pairs of points with the same values, verified.
- `convolutions`: a condition on the kernels of a convolution.
- `layer_tests`: the verdict, and bounds of the inverse Lipschitz constant.

Where a whole network merges points, layer by layer:

- `hidden_layers`: the layers, ordinary or injective.
- `merging`: the rank of the Jacobian up to each layer, at points.
- `merged_pairs`: two inputs that a layer merges.
- `chain_tests`: whether each layer is one-to-one on its whole input space."""

from landscape.measures.exact.chain_tests import chain_injectivity as chain_injectivity
from landscape.measures.exact.complete import STABILITIES as STABILITIES
from landscape.measures.exact.complete import FixedPoints as FixedPoints
from landscape.measures.exact.complete import fixed_points as fixed_points
from landscape.measures.exact.flat_regions import PlateauShares as PlateauShares
from landscape.measures.exact.flat_regions import plateaus as plateaus
from landscape.measures.exact.layer_tests import LAYER_METHODS as LAYER_METHODS
from landscape.measures.exact.layer_tests import LAYER_VERDICTS as LAYER_VERDICTS
from landscape.measures.exact.layer_tests import ActiveRows as ActiveRows
from landscape.measures.exact.layer_tests import InverseLipschitz as InverseLipschitz
from landscape.measures.exact.layer_tests import LayerInjectivity as LayerInjectivity
from landscape.measures.exact.layer_tests import active_rows as active_rows
from landscape.measures.exact.layer_tests import inverse_lipschitz as inverse_lipschitz
from landscape.measures.exact.layer_tests import layer_injectivity as layer_injectivity
from landscape.measures.exact.linear_regions import Regions as Regions
from landscape.measures.exact.linear_regions import regions as regions
from landscape.measures.exact.linear_regions import regions_seen as regions_seen
from landscape.measures.exact.merged_pairs import CollidingInputs as CollidingInputs
from landscape.measures.exact.merged_pairs import colliding_inputs as colliding_inputs
from landscape.measures.exact.merging import MergedPoints as MergedPoints
from landscape.measures.exact.merging import merged_points as merged_points
