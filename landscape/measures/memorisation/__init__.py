"""Whether a network copies its training points: statistics of its samples, compared with held-out points, and a verdict.

- `copying`: distances to training points, authenticity, the data-copying statistic C_T, agreement of twin networks.
- `statistics`: all statistics of each member, and a verdict by a fixed rule."""

from landscape.measures.memorisation.copying import DataCopying as DataCopying
from landscape.measures.memorisation.copying import Nearness as Nearness
from landscape.measures.memorisation.copying import Twins as Twins
from landscape.measures.memorisation.copying import data_copying as data_copying
from landscape.measures.memorisation.copying import nearness as nearness
from landscape.measures.memorisation.copying import twins as twins
from landscape.measures.memorisation.statistics import THRESHOLDS as THRESHOLDS
from landscape.measures.memorisation.statistics import VERDICTS as VERDICTS
from landscape.measures.memorisation.statistics import memorisation_statistics as memorisation_statistics
from landscape.measures.memorisation.statistics import memorisation_verdict as memorisation_verdict
from landscape.measures.memorisation.statistics import verdicts as verdicts
