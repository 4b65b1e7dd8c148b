"""The merge: statements and their paths, the linearisation of profiles, and which of several settings wins."""
