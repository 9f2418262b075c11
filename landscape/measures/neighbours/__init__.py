"""Exact distances between sets of points: nearest neighbours, and how good and how varied samples are.

- `search`: the nearest points in a set that is too large for one block.
- `distances`: the nearest data points of each member's points, and the gaps between data points.
- `balls`: which points lie in closed k-NN balls, including points on the surface.
- `sample_quality`: precision, recall, density, coverage, variety, class shares, sliced Wasserstein distance.
- `gaussian_distances`: Fréchet distance, distance of inferred codes to N(0, I), inception-style score."""

from landscape.measures.neighbours.distances import Surroundings as Surroundings
from landscape.measures.neighbours.distances import gaps as gaps
from landscape.measures.neighbours.distances import nearest as nearest
from landscape.measures.neighbours.distances import nearest_neighbours as nearest_neighbours
from landscape.measures.neighbours.distances import surroundings as surroundings
from landscape.measures.neighbours.gaussian_distances import frechet_distance as frechet_distance
from landscape.measures.neighbours.gaussian_distances import inception_score as inception_score
from landscape.measures.neighbours.gaussian_distances import standard_normal_distance as standard_normal_distance
from landscape.measures.neighbours.sample_quality import ClassShares as ClassShares
from landscape.measures.neighbours.sample_quality import Fidelity as Fidelity
from landscape.measures.neighbours.sample_quality import Variety as Variety
from landscape.measures.neighbours.sample_quality import class_shares as class_shares
from landscape.measures.neighbours.sample_quality import fidelity as fidelity
from landscape.measures.neighbours.sample_quality import modes as modes
from landscape.measures.neighbours.sample_quality import sliced_wasserstein as sliced_wasserstein
from landscape.measures.neighbours.sample_quality import variety as variety
