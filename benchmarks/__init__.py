"""What is measured against peers, one command each: `python -m benchmarks.cold`, `.fleet`, `.memory`, `.nix`."""
