"""What rules read off a VM, as libvirt understands it: defaults that it would fill in, and both ways to say the same."""
