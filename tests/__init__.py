"""The tests; they mirror the package, and `real` holds those that need libvirt, QEMU and a kernel."""
