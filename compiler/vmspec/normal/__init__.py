"""What libvirt makes of a definition: its normal form after define, by version."""
