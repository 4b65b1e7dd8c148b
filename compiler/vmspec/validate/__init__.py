"""Schemas as the safety net: libvirt's own RELAX NG where it is installed, and our XSD everywhere."""
