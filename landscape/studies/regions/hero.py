"""The picture beside the answer of a run on regions."""

from __future__ import annotations

from landscape.figures import Panel
from landscape.results import Result
from landscape.studies.parts.words import data_words, layers
from landscape.studies.regions.answer import MANY_TIMES, WEIGHTS, as_factor
from landscape.studies.regions.captions import count_words
from landscape.studies.regions.claims import slope_of, with_sizes
from landscape.studies.regions.figures import broken_lines, growth_of_regions, region_maps


def hero_of(result: Result) -> Panel | None:
    """How the number of pieces grows with that of neurons, in a plane if the run has one; else the pieces themselves."""
    return _growth(result) or _pieces(result)


def _growth(result: Result) -> Panel | None:
    """Untrained networks' pieces against neurons, by initial weights, beside theory. None with a single size of network."""
    if "initialisations" not in result.tables:
        return None
    table = with_sizes(result, result.tables["initialisations"])
    table = table[(table.dim == table.dim.max()) & table.init.isin(list(WEIGHTS))]
    if table.neurons.nunique() < 2:
        return None
    dim = int(table.dim.iloc[0])
    powers = {
        name: slope_of(table[table.init == init]).estimate
        for init, name in WEIGHTS.items()
        if (table.init == init).any()
    }
    first, *others = [f"{as_factor(power)} times the pieces with {name}" for name, power in powers.items()]
    parts = " and ".join([first, *(one.replace(" times the pieces", "") for one in others)])
    where = f"in {dim}-D " if dim > 1 else ""
    caption = f"{MANY_TIMES} times the neurons {where}give {parts}; theory says {as_factor(dim)}."
    depths = sorted(table.hidden.unique())
    along = f", from {depths[0]} to {layers(int(depths[-1]))}" if len(depths) > 1 else ""
    how = (
        "Linear pieces of untrained ReLU networks, log scales. Marks and bars: medians and the middle half of networks; thin "
        f"lines join those of one width{along}. Thick: the growth on average."
    )
    return Panel("", caption, growth_of_regions(table.assign(init=table.init.map(WEIGHTS)), powers, dim), how=how)


def _pieces(result: Result) -> Panel | None:
    """The pieces of the smallest and the largest trained networks."""
    pictured = {one: arrays for one, arrays in result.arrays.items() if len(arrays) and not one["budget"]}
    if not pictured:
        return None
    dims = {one["data"]: arrays["vertices"].shape[1] for one, arrays in pictured.items()}
    name = max(dims, key=lambda name: dims[name])
    place = {(one["hidden"], one["width"]): arrays for one, arrays in pictured.items() if one["data"] == name}
    hidden, width = (sorted({pair[side] for pair in place}) for side in (0, 1))
    hidden, width = [sorted({some[0], some[-1]}) for some in (hidden, width)]
    grid = [[place.get((h, w)) for h in hidden] for w in width]
    draw = region_maps if dims[name] == 2 else broken_lines
    what = (
        "On each polygon the network is linear."
        if dims[name] == 2
        else "The network before its last sigmoid: straight between ticks, orange where exactly flat."
    )
    how = f"Trained networks on {data_words(name)}, the median ones. {what}"
    shown = {(h, w): place[h, w] for h in hidden for w in width if (h, w) in place}
    caption = count_words({sizes: len(net["slope"]) for sizes, net in shown.items()})[1]
    return Panel("", caption, draw(grid, [f"width {w}" for w in width], [layers(h) for h in hidden]), how=how)
