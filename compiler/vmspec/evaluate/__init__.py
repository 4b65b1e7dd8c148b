"""Evaluation: inheritance, merge and expressions, from a program to objects with values and provenance."""
