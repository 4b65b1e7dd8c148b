"""Rules about a controller by itself: its modules, and the features of which one must be set for a module to have anything to say."""

TOPICS = {
    "pci": "address index model_name target pcihole64",
    "scsi": "queues cmd_per_lun max_sectors ioeventfd iothread model",
    "usb": "ports model",
    "models": "model",
    "iothreads": "iothread_map",
}
