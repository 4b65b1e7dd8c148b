"""Rules about a disk by itself: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {
    "source": "",
    "format": "source shareable metadata_cache",
    "auth": "source auth encryption",
    "cache": "io shareable detect_zeroes cache copy_on_read",
    "target": "",
    "bus": (
        "wwn vendor product queues event_idx ioeventfd iommu ats packed page_per_vq iothread queue_size"
        " readonly geometry serial driver model"
    ),
    "media": "device bus removable tray rotation_rate",
    "lun": "device rawio sgio source",
    "iotune": "iotune blockio",
    "iothreads": "iothread_map",
}
VM_TOPICS = {"together": "disk controller interface filesystem", "controllers": "hostdev disk controller"}
"""Modules whose rules look at the whole VM."""
