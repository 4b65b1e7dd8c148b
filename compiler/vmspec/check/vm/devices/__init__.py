"""Rules about other devices, and devices together, in the order of their numbers, with the features that call for them."""

RULES = {
    "duplicate_hostdev": "hostdev",
    "mdev_ramfb": "hostdev",
    "mdev_display": "hostdev",
    "duplicate_alias": "disk interface controller hostdev",
    "alias_dropped": "disk interface controller hostdev",
    "duplicate_boot_order": "disk interface hostdev filesystem redirdev boot",
}
