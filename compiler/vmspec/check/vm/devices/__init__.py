"""Rules about other devices, and devices together, in the order of their numbers, with the features that call for them."""

RULES = {
    "duplicate_hostdev": "hostdev interface",
    "mdev_ramfb": "hostdev",
    "mdev_display": "hostdev",
    "duplicate_alias": "",
    "alias_dropped": "",
    "duplicate_boot_order": "",
    "duplicate_panic": "panic",
    "panic_machine": "panic",
    "watchdog_address": "watchdog",
    "single_devices": "iommu watchdog",
    "vsock_cid": "vsock",
    "nvram_machine": "nvram",
    "rng_rate": "rng",
    "acpi_index": "",
    "rom_bus": "",
    "ccw_machine": "",
    "memballoon_model": "memory.balloon",
    "virtio_serial_port": "channel console",
    "zpci": "",
    "kind_missing": "graphics audio input controller iommu parallel redirdev hostdev",
    "duplicate_ccw": "",
    "part_incomplete": "hostdev interface filesystem disk rng smartcard lease pstore launch_security cpu.topology cpu.cache "
    "cpu.maxphysaddr cpu.cachetune cpu.memorytune numa.latency numa.bandwidth",
    "reference_absent": "",
}
