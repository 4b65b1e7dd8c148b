"""Rules about one VM, by subject."""
