"""From bodies to merged values: statements and the paths they name, the linearisation of profiles, and which of several statements wins."""
