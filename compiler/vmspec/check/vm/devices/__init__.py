"""Rules about other devices, and devices together.

Its modules, and the features of which one must be set for a module to have anything to say.
"""

TOPICS = {
    "identity": "",
    "single": "panic watchdog iommu vsock nvram rng memory.balloon",
    "address": "",
    "mdev": "hostdev interface",
    "references": "",
}
