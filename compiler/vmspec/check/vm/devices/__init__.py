"""Rules about other devices, and devices together, in the order of their numbers, with the features that call for them."""

RULES = {
    "duplicate_hostdev": "hostdev",
    "mdev_ramfb": "hostdev",
    "mdev_display": "hostdev",
    "duplicate_alias": "disk interface controller hostdev",
    "alias_dropped": "disk interface controller hostdev",
    "duplicate_boot_order": "disk interface hostdev filesystem redirdev boot",
    "duplicate_panic": "panic",
    "panic_machine": "panic",
    "watchdog_address": "watchdog",
    "single_devices": "iommu watchdog",
    "vsock_cid": "vsock",
    "nvram_machine": "nvram",
    "rng_rate": "rng",
    "acpi_index": "interface hostdev disk",
    "rom_bus": "interface hostdev",
    "ccw_machine": "",
    "memballoon_model": "memory.balloon",
    "virtio_serial_port": "channel console",
    "zpci": "hostdev disk interface",
    "duplicate_ccw": "disk interface controller hostdev",
}
