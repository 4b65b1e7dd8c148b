"""Composes the stages: the project and its sources, one compilation, the written output."""
