"""What is measured on any map x → f(x): functions of (model, points, …) that return tensors with a leading member axis.

The most used functions stand here; the rest stand in wings, each of which lists its modules:

- `local`: the map near single points: loss, corners, Jacobian, slopes, plateaus, injectivity.
- `exact`: ReLU networks on a line or a plane: linear regions, and fixed points with a proof that none is missing. Whether a
  ReLU layer of any dimension is one-to-one, and where a network merges points, layer by layer.
- `neighbours`: exact nearest neighbours, and the quality of samples.
- `dynamics`: orbits, samples, attractors, basins and their borders.
- `memorisation`: copies of training points, and the verdict on a network.
- `known_maps`: maps whose landscape is known, to be measured beside networks.

`maps` holds the type of a map, `gate` the checks of every argument, `transfer` the way from a GPU to the CPU."""

from typing import Any

from landscape.deprecated import renamed
from landscape.measures import dynamics as dynamics
from landscape.measures import exact as exact
from landscape.measures import known_maps as known_maps
from landscape.measures import local as local
from landscape.measures import memorisation as memorisation
from landscape.measures import neighbours as neighbours
from landscape.measures import transfer as transfer
from landscape.measures.dynamics.basin_membership import basins as basins
from landscape.measures.dynamics.descent import descend as descend
from landscape.measures.dynamics.finding import find_attractors as find_attractors
from landscape.measures.dynamics.iteration import iterate as iterate
from landscape.measures.dynamics.iteration import orbits as orbits
from landscape.measures.dynamics.map_kinds import behaviour as behaviour
from landscape.measures.dynamics.newton import periodic_points as periodic_points
from landscape.measures.dynamics.noise import Noise as Noise
from landscape.measures.dynamics.sampling import Samples as Samples
from landscape.measures.dynamics.sampling import sample as sample
from landscape.measures.dynamics.starting_points import starts as starts
from landscape.measures.dynamics.steps import Dynamics as Dynamics
from landscape.measures.exact.complete import fixed_points as fixed_points
from landscape.measures.exact.layer_tests import inverse_lipschitz as inverse_lipschitz
from landscape.measures.exact.layer_tests import layer_injectivity as layer_injectivity
from landscape.measures.exact.linear_regions import regions as regions
from landscape.measures.exact.merging import merged_points as merged_points
from landscape.measures.known_maps.controls import control as control
from landscape.measures.local.ascent import corner_ascent as corner_ascent
from landscape.measures.local.corners import corner_loss as corner_loss
from landscape.measures.local.injectivity import one_to_one as one_to_one
from landscape.measures.local.jacobian import jacobian_at as jacobian_at
from landscape.measures.local.jacobian import spectral_radius as spectral_radius
from landscape.measures.local.loss import cube_maximum as cube_maximum
from landscape.measures.local.loss import loss_at as loss_at
from landscape.measures.local.spectrum import spectral_radius_at as spectral_radius_at
from landscape.measures.maps import DifferentiatedMap as DifferentiatedMap
from landscape.measures.maps import Map as Map
from landscape.measures.memorisation.copying import data_copying as data_copying
from landscape.measures.memorisation.copying import nearness as nearness
from landscape.measures.memorisation.statistics import memorisation_statistics as memorisation_statistics
from landscape.measures.memorisation.statistics import memorisation_verdict as memorisation_verdict
from landscape.measures.neighbours.distances import nearest as nearest
from landscape.measures.neighbours.distances import nearest_neighbours as nearest_neighbours
from landscape.measures.neighbours.sample_quality import fidelity as fidelity

_WINGS = {  # what this module exported, by the wing that has it now
    "dynamics": (
        "ATTRACTOR_KINDS ATTRACTS Attractors Behaviour BurnIn DESCENTS Ends Followed Jumps KINDS "
        "LONGEST_CYCLE METHODS MOST_SAMPLES NEAR OUTSIDE RATE SCHEDULES SETTLED_SHARE SLOW Scaling UNSETTLED "
        "basin_entropy boundary_dimension burn_in check_room collect ends follow jumps kept_iterations "
        "known_cells known_half near_radius reached share_near uncertainty_exponent visits"
    ),
    "known_maps": "CONTROLS Constant Formula Identity Memoriser REFERENCES Reference",
    "memorisation": "DataCopying Nearness THRESHOLDS Twins VERDICTS twins verdicts",
    "local": (
        "CornerLoss FLAT OneToOne Plateaus StepSharpness cube_mean dead_share flat_share growth "
        "jacobian_before_squash layers_one_to_one numerical_rank operator_norm plateau_width plateaus_along "
        "pushed shell_loss slopes_along step_sharpness top_corners trace_share"
    ),
    "neighbours": (
        "ClassShares Fidelity Surroundings Variety class_shares gaps modes sliced_wasserstein surroundings variety"
    ),
    "exact": "FixedPoints Regions STABILITIES plateaus regions_seen",
    "transfer": "on_cpu",
}
_MOVED = {name: f"landscape.measures.{wing}.{name}" for wing, names in _WINGS.items() for name in names.split()} | {
    "Basins": "landscape.measures.dynamics.Attractors",
    "NOISES": "landscape.choices.NOISE_KINDS",
    "STARTS": "landscape.choices.STARTS",
}
__all__ = [
    "DifferentiatedMap",
    "Dynamics",
    "Map",
    "Noise",
    "Samples",
    "basins",
    "behaviour",
    "control",
    "corner_ascent",
    "corner_loss",
    "cube_maximum",
    "data_copying",
    "descend",
    "dynamics",
    "exact",
    "fidelity",
    "find_attractors",
    "fixed_points",
    "inverse_lipschitz",
    "iterate",
    "jacobian_at",
    "known_maps",
    "layer_injectivity",
    "local",
    "loss_at",
    "memorisation",
    "memorisation_statistics",
    "memorisation_verdict",
    "merged_points",
    "nearest",
    "nearest_neighbours",
    "nearness",
    "neighbours",
    "one_to_one",
    "orbits",
    "periodic_points",
    "regions",
    "sample",
    "spectral_radius",
    "spectral_radius_at",
    "starts",
    "transfer",
]


def __getattr__(name: str) -> Any:
    if name == "attractors":
        raise AttributeError(
            "landscape.measures.attractors is gone: find_attractors(model, starts, iterations, by='proximity') lists "
            "attractors, and dynamics.distinct_ends(model, ends, generator=…) the ends of orbits, whether they attract or not"
        )
    return renamed(__name__, name, _MOVED)
