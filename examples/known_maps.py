"""Check a measure on maps whose answer is known: how ragged the borders of basins are."""

from landscape.measures import basins
from landscape.measures.dynamics import boundary_dimension
from landscape.measures.known_maps import REFERENCES

side = 101
for name in ("Newton, z³ = 1", "a wave"):  # REFERENCES has two more, which take longer
    known = REFERENCES[name]
    where = basins(
        known.map,
        known.where.grid(side).float(),
        known.iterations,
        low=min(known.low),
        high=max(known.high),
        box=10,
    )
    found = boundary_dimension(where.label[0].reshape(side, side).numpy())
    print(
        f"{name}: border dimension {found.value:.2f} [{found.low:.2f}, {found.high:.2f}], published {known.dimension}"
    )
