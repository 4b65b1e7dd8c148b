"""Rules about a controller by itself, in the order of their numbers, with the features that call for them."""

RULES = {
    "pci_root_address": "address",
    "pci_index": "index",
    "pci_model_name": "model_name",
    "pci_target": "target",
    "scsi_options": "queues cmd_per_lun max_sectors ioeventfd iothread",
    "scsi_model": "model",
    "xhci_ports": "ports",
    "pcihole_machine": "pcihole64",
    "usb_qusb": "model",
}
