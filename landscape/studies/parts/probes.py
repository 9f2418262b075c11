"""The loss and the status of controls on the training points."""

from __future__ import annotations

import pandas as pd
import torch

from landscape import measures
from landscape.data import Dataset
from landscape.ensemble import status_of


def control_rows(map: measures.Map, dataset: Dataset, tol: float) -> pd.DataFrame:
    """A table with a row per member: the control's loss on the training points, and the status of a network like it."""
    with torch.no_grad():
        outputs = map(dataset.points.contiguous())
    losses = (outputs - dataset.points).square().mean((1, 2)).cpu()
    status = status_of(losses, outputs.cpu(), dataset.points.cpu(), tol)
    return pd.DataFrame({"member": range(map.members), "status": status, "loss": losses.tolist(), "steps": 0})
