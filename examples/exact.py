"""All affine regions and all fixed points of a small ReLU network, with a proof that no fixed point is missing."""

from landscape import MLP, DataSpec, build, cube, fit, load_data
from landscape.measures import fixed_points, regions

seeds = [0]
points = load_data(DataSpec("four-points"), seeds).points
net = fit(build(MLP(hidden=2, width=20), 2, seeds), points, seeds=seeds, steps=2000, lr=5e-3).ensemble

pieces = regions(net, cube.whole(2))
print(f"{len(pieces.share)} affine regions cover {float(pieces.share.sum()):.12f} of the square")
print(f"the largest covers {float(pieces.share.max()):.1%}")

found = fixed_points(net)
print(f"{len(found.points)} fixed points; proven complete: {bool(found.proven[0])}")
print(found.table()[["x1", "x2", "stability", "radius"]].round(4).to_string(index=False))
