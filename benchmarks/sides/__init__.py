"""What the package is compared with."""
