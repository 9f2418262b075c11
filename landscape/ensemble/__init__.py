"""Many networks of one shape, built and trained as one."""

from typing import Any

from landscape.deprecated import renamed as _renamed
from landscape.ensemble.block_size import members_per_block as members_per_block
from landscape.ensemble.checkpoint import Checkpoint as Checkpoint
from landscape.ensemble.ensemble import Ensemble as Ensemble
from landscape.ensemble.ensemble import build as build
from landscape.ensemble.ensemble import one_thread as one_thread
from landscape.ensemble.ensemble import threads as threads
from landscape.ensemble.fitted import Ending as Ending
from landscape.ensemble.fitted import Fitted as Fitted
from landscape.ensemble.fitting import fit as fit
from landscape.ensemble.objective import check_loss as check_loss
from landscape.ensemble.spec import FitSpec as FitSpec
from landscape.ensemble.status import STATUSES as STATUSES
from landscape.ensemble.status import TOL as TOL
from landscape.ensemble.status import status_of as status_of

_MOVED = {
    "KEEPS": "landscape.choices.KEPT_WEIGHTS",
    "OBJECTIVES": "landscape.choices.OBJECTIVES",
    "PRECISIONS": "landscape.choices.PRECISIONS",
    "SCHEDULES": "landscape.choices.RATE_SCHEDULES",
}


def __getattr__(name: str) -> Any:
    return _renamed(__name__, name, _MOVED)
