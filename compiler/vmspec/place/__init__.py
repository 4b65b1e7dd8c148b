"""Chooses hosts, NUMA nodes and CPUs for VMs: plain data in, plain data out."""
