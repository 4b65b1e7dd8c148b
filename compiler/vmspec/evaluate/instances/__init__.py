"""Evaluates the objects of one template: layers are collected once, then each object is evaluated."""
