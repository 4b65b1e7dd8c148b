"""Boots a kernel with a host's shape, arguments and files under QEMU, and compares what it says of itself with what was meant."""
