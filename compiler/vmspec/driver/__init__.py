"""From paths to written artifacts: the project, its sources, one compilation of them, and the output directory."""
