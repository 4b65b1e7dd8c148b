"""Carries out plans: the only room that talks to libvirt and the only one that changes a host."""
