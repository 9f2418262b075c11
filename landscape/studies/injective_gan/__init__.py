"""The study `injective-gan`: ordinary and injective generators, the codes inferred from their images, and the images."""
