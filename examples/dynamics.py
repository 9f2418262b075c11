"""Where iterating a trained network leads: samples from noise, basins of attraction, and how smooth their borders are."""

from landscape import MLP, DataSpec, build, cube, fit, load_data, sample
from landscape.measures import basins
from landscape.measures.dynamics import near_radius, share_near, uncertainty_exponent

seeds = [0]
points = load_data(DataSpec("four-points"), seeds).points
net = fit(build(MLP(hidden=4, width=50), 2, seeds), points, seeds=seeds, steps=2000, lr=5e-3).ensemble

samples = sample(net, 200, iterations=50, keep=[0, 1, 5, 50])
for index, iteration in enumerate(samples.iterations):
    share = share_near(samples.points[:, index], points, near_radius(points))
    print(f"after {iteration:2} iterations {float(share):5.1%} of 200 samples are beside a training point")

side = 101
where = basins(net, cube.whole(2).grid(side).float(), iterations=500)
for point, share in zip(where.points.tolist(), where.shares.tolist(), strict=False):
    print(f"  attractor ({point[0]:.3f}, {point[1]:.3f}) has {share:.1%} of the starts")
alpha = uncertainty_exponent(where.label[0].reshape(side, side).numpy())
print(f"uncertainty exponent {alpha.value:.2f} [{alpha.low:.2f}, {alpha.high:.2f}]; 1 is a smooth border")
