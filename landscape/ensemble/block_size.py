"""How many members are trained side by side."""

from __future__ import annotations

import torch

from landscape.ensemble.ensemble import MEMBER_MULTIPLE, Ensemble

CACHE_BYTES = 8 * 2**20  # what a block of members may touch in one step on a CPU; fastest for 4 to 1,000 points
ALONE_BYTES = 128 * 2**20  # on a CPU, four members that take more than this are trained one after another
DEVICE_SHARE = 0.25  # of a GPU's free memory


def members_per_block(ensemble: Ensemble, points: int) -> int:
    """The number of members to train side by side: as many as fit into the cache or a share of the GPU's memory, at least four.

    It is one if four members take more than ALONE_BYTES, or if the net is `alone` on a CPU: such large products gain nothing
    from being stacked, and a single member needs no padding."""
    if ensemble.device.type == "cpu" and ensemble.net.alone(ensemble.dim, points):
        return 1
    numbers = 2 * points * ensemble.net.activations_per_point(ensemble.dim) + 4 * ensemble.flat.shape[1]
    room = CACHE_BYTES
    if ensemble.device.type == "cuda":
        room = int(DEVICE_SHARE * torch.cuda.mem_get_info(ensemble.device)[0])
    elif ensemble.device.type != "cpu":
        room = 2**30
    if 4 * MEMBER_MULTIPLE * numbers > max(ALONE_BYTES, room):
        return 1
    return max(room // (4 * numbers) // MEMBER_MULTIPLE, 1) * MEMBER_MULTIPLE
