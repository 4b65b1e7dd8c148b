"""Tests against real software: libvirt's QEMU driver, QEMU itself and a Debian kernel inside it."""
