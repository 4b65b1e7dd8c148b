"""Inheritance, merge and provenance: from a program to every object with its settled values."""
