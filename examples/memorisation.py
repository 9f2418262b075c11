"""Is a sampler memorising? One verdict each for copies, new images and noise."""

import torch

from landscape import DataSpec, load_data
from landscape.measures import memorisation_statistics
from landscape.measures.memorisation import verdicts

images = load_data(DataSpec("digits", count=900), [0]).points
training, held_out, new = images[:, :300], images[:, 300:600], images[:, 600:]
generator = torch.Generator().manual_seed(0)
copies = training + 0.01 * torch.randn(training.shape, generator=generator)

for name, samples in (("copies with a little noise", copies), ("new digits", new), ("noise", torch.rand(new.shape))):
    found = memorisation_statistics(samples, training, held_out)
    print(
        f"{name}: {verdicts(found)[0]} (C_T = {float(found['c_t']):.1f}, "
        f"authenticity {float(found['authenticity']):.2f} beside {float(found['authenticity_null']):.2f} of held-out digits)"
    )
