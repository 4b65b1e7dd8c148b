"""Imports and names: from parsed files to a program in which every name has one meaning."""
