"""The map near single points: loss, Jacobian, slopes, plateaus; and the highest loss over the corners of the cube.

- `loss`: reconstruction loss at points, over the cube, in shells, and its maximum.
- `corners`: the largest and the mean loss over all 2^D corners.
- `ascent`: a search for the corner of largest loss, where there are too many to evaluate.
- `jacobian`: the Jacobian at points: spectral radius, trace share, numerical rank, operator norm.
- `spectrum`, `krylov`: spectral radius, operator norm and trace at points of many dimensions, without whole Jacobians.
- `tangents`: Jacobian–vector products, and how fast they grow along orbits.
- `flatness`: slopes along lines, flat shares, plateaus and the steps between them.
- `injectivity`: whether the hidden map of an injective network is one-to-one, from its trained parameters."""

from landscape.measures.local.ascent import corner_ascent as corner_ascent
from landscape.measures.local.corners import CornerLoss as CornerLoss
from landscape.measures.local.corners import corner_loss as corner_loss
from landscape.measures.local.corners import top_corners as top_corners
from landscape.measures.local.flatness import FLAT as FLAT
from landscape.measures.local.flatness import Plateaus as Plateaus
from landscape.measures.local.flatness import StepSharpness as StepSharpness
from landscape.measures.local.flatness import dead_share as dead_share
from landscape.measures.local.flatness import flat_share as flat_share
from landscape.measures.local.flatness import plateau_width as plateau_width
from landscape.measures.local.flatness import plateaus_along as plateaus_along
from landscape.measures.local.flatness import slopes_along as slopes_along
from landscape.measures.local.flatness import step_sharpness as step_sharpness
from landscape.measures.local.injectivity import OneToOne as OneToOne
from landscape.measures.local.injectivity import layers_one_to_one as layers_one_to_one
from landscape.measures.local.injectivity import one_to_one as one_to_one
from landscape.measures.local.jacobian import jacobian_at as jacobian_at
from landscape.measures.local.jacobian import jacobian_before_squash as jacobian_before_squash
from landscape.measures.local.jacobian import numerical_rank as numerical_rank
from landscape.measures.local.jacobian import operator_norm as operator_norm
from landscape.measures.local.jacobian import spectral_radius as spectral_radius
from landscape.measures.local.jacobian import trace_share as trace_share
from landscape.measures.local.loss import cube_maximum as cube_maximum
from landscape.measures.local.loss import cube_mean as cube_mean
from landscape.measures.local.loss import loss_at as loss_at
from landscape.measures.local.loss import shell_loss as shell_loss
from landscape.measures.local.spectrum import numerical_rank_at as numerical_rank_at
from landscape.measures.local.spectrum import operator_norm_at as operator_norm_at
from landscape.measures.local.spectrum import spectral_radius_at as spectral_radius_at
from landscape.measures.local.spectrum import trace_share_at as trace_share_at
from landscape.measures.local.tangents import growth as growth
from landscape.measures.local.tangents import pushed as pushed
