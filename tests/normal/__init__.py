"""Prediction of libvirt's normal form."""
