"""Where iterating x ← f(x) leads: orbits, samples, fixed points and cycles, attractors, basins and their borders.

- `starting_points`, `noise`, `conditioning`: where orbits start, the noise added to them, the coordinates held at known values.
- `steps`: `Dynamics`, the rule of an iteration: noise, clipping, known coordinates and the range in one object.
- `iteration`: iterates, how near to the training points they come, burn-in.
- `descent`: gradient descent on the reconstruction loss over the input.
- `sampling`: samples of a trained map, by iteration or by descent.
- `newton`: fixed points and cycles by Newton's method, in any dimension; some may be missed.
- `finding`, `attractor_lists`: the attractors that orbits lead to, by Newton's method or by proximity, in one kind of list.
- `basin_membership`, `attraction`: which attractor each start leads to, by Newton's method.
- `orbit_ends`: where orbits end, whether these ends attract or not.
- `boundaries`: how ragged the borders of basins are.
- `density`: whether samples have the density that would make the loss an energy, and at which temperature.
- `continuation`: the fixed points of a map at several times, such as steps of training, joined into branches; their events.
- `becoming`: when each training point becomes fixed, and when it attracts.
- `unsettled`, `recurrent`, `exponents`: long cycles, slow spirals, invariant circles, chaotic sets; Lyapunov exponents.
- `transitions`: jumps of samples between training points.
- `map_kinds`: whether a network has become the identity, a constant, a memoriser, or none of these."""

from landscape.measures.dynamics.attractor_lists import ATTRACTOR_KINDS as ATTRACTOR_KINDS
from landscape.measures.dynamics.attractor_lists import OUTSIDE as OUTSIDE
from landscape.measures.dynamics.attractor_lists import SLOW as SLOW
from landscape.measures.dynamics.attractor_lists import UNSETTLED as UNSETTLED
from landscape.measures.dynamics.attractor_lists import Attractors as Attractors
from landscape.measures.dynamics.basin_membership import basins as basins
from landscape.measures.dynamics.becoming import Becoming as Becoming
from landscape.measures.dynamics.becoming import training_times as training_times
from landscape.measures.dynamics.boundaries import Scaling as Scaling
from landscape.measures.dynamics.boundaries import basin_entropy as basin_entropy
from landscape.measures.dynamics.boundaries import boundary_dimension as boundary_dimension
from landscape.measures.dynamics.boundaries import uncertainty_exponent as uncertainty_exponent
from landscape.measures.dynamics.conditioning import known_cells as known_cells
from landscape.measures.dynamics.conditioning import known_half as known_half
from landscape.measures.dynamics.continuation import Branches as Branches
from landscape.measures.dynamics.continuation import branches as branches
from landscape.measures.dynamics.continuation import census as census
from landscape.measures.dynamics.density import LossDensity as LossDensity
from landscape.measures.dynamics.density import loss_density as loss_density
from landscape.measures.dynamics.descent import DESCENTS as DESCENTS
from landscape.measures.dynamics.descent import RATE as RATE
from landscape.measures.dynamics.descent import descend as descend
from landscape.measures.dynamics.finding import WAYS as WAYS
from landscape.measures.dynamics.finding import find_attractors as find_attractors
from landscape.measures.dynamics.iteration import NEAR as NEAR
from landscape.measures.dynamics.iteration import SETTLED_SHARE as SETTLED_SHARE
from landscape.measures.dynamics.iteration import BurnIn as BurnIn
from landscape.measures.dynamics.iteration import Followed as Followed
from landscape.measures.dynamics.iteration import burn_in as burn_in
from landscape.measures.dynamics.iteration import follow as follow
from landscape.measures.dynamics.iteration import iterate as iterate
from landscape.measures.dynamics.iteration import near_radius as near_radius
from landscape.measures.dynamics.iteration import orbits as orbits
from landscape.measures.dynamics.iteration import reached as reached
from landscape.measures.dynamics.iteration import share_near as share_near
from landscape.measures.dynamics.iteration import visits as visits
from landscape.measures.dynamics.map_kinds import KINDS as KINDS
from landscape.measures.dynamics.map_kinds import Behaviour as Behaviour
from landscape.measures.dynamics.map_kinds import behaviour as behaviour
from landscape.measures.dynamics.newton import periodic_points as periodic_points
from landscape.measures.dynamics.noise import SCHEDULES as SCHEDULES
from landscape.measures.dynamics.noise import Noise as Noise
from landscape.measures.dynamics.orbit_ends import ATTRACTS as ATTRACTS
from landscape.measures.dynamics.orbit_ends import DistinctEnds as DistinctEnds
from landscape.measures.dynamics.orbit_ends import Ends as Ends
from landscape.measures.dynamics.orbit_ends import distinct_ends as distinct_ends
from landscape.measures.dynamics.orbit_ends import ends as ends
from landscape.measures.dynamics.sampling import METHODS as METHODS
from landscape.measures.dynamics.sampling import MOST_SAMPLES as MOST_SAMPLES
from landscape.measures.dynamics.sampling import Samples as Samples
from landscape.measures.dynamics.sampling import check_room as check_room
from landscape.measures.dynamics.sampling import collect as collect
from landscape.measures.dynamics.sampling import kept_iterations as kept_iterations
from landscape.measures.dynamics.sampling import sample as sample
from landscape.measures.dynamics.starting_points import starts as starts
from landscape.measures.dynamics.steps import Dynamics as Dynamics
from landscape.measures.dynamics.transitions import Jumps as Jumps
from landscape.measures.dynamics.transitions import jumps as jumps
from landscape.measures.dynamics.watching import LONGEST_CYCLE as LONGEST_CYCLE
