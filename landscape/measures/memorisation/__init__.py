"""Whether a network copies its training points: statistics of its samples, compared with held-out points, and a verdict.

- `copying`: distances to training points, authenticity, the data-copying statistic C_T, agreement of twin networks.
- `states`: memorised, spurious and new samples, by their distances to training points and to each other.
- `statistics`: all statistics of each member, and a verdict by a fixed rule.
- `answers`: two answers in place of one verdict: whether samples are copies, and whether they are varied.
- `reach`: the statistics of one large set of samples, block by block and with progress, with intervals.
- `calibration`: what the statistics read on mixtures of known copies."""

from landscape.measures.memorisation.answers import ANSWER_THRESHOLDS as ANSWER_THRESHOLDS
from landscape.measures.memorisation.answers import COPYING as COPYING
from landscape.measures.memorisation.answers import VARIETY as VARIETY
from landscape.measures.memorisation.answers import copied_interval as copied_interval
from landscape.measures.memorisation.answers import copying_answer as copying_answer
from landscape.measures.memorisation.answers import variety_answer as variety_answer
from landscape.measures.memorisation.calibration import Calibration as Calibration
from landscape.measures.memorisation.calibration import Distances as Distances
from landscape.measures.memorisation.calibration import calibrated as calibrated
from landscape.measures.memorisation.copying import DataCopying as DataCopying
from landscape.measures.memorisation.copying import Nearness as Nearness
from landscape.measures.memorisation.copying import Twins as Twins
from landscape.measures.memorisation.copying import data_copying as data_copying
from landscape.measures.memorisation.copying import nearness as nearness
from landscape.measures.memorisation.copying import twins as twins
from landscape.measures.memorisation.reach import Compared as Compared
from landscape.measures.memorisation.reach import Standard as Standard
from landscape.measures.memorisation.states import STATES as STATES
from landscape.measures.memorisation.states import SampleStates as SampleStates
from landscape.measures.memorisation.states import sample_states as sample_states
from landscape.measures.memorisation.statistics import THRESHOLDS as THRESHOLDS
from landscape.measures.memorisation.statistics import VERDICTS as VERDICTS
from landscape.measures.memorisation.statistics import memorisation_statistics as memorisation_statistics
from landscape.measures.memorisation.statistics import memorisation_verdict as memorisation_verdict
from landscape.measures.memorisation.statistics import verdicts as verdicts
