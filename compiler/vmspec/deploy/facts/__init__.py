"""Reads the facts of a host: from libvirt, and from its /sys, /proc and /etc, here or by ssh."""
