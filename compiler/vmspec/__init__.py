"""vmspec: virtual machines and the KVM hosts that run them, as a language."""

__version__ = "0.1.0"
