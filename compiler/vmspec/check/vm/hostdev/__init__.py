"""Rules about a host device by itself, in the order of their numbers, with the features that call for them."""

RULES = {
    "pci_address_kind": "address",
    "mdev_uuid": "source",
    "boot_unsupported": "boot",
    "teaming_pci": "teaming",
    "pci_managed": "source",
    "write_filtering": "source",
    "startup_policy": "source",
}
