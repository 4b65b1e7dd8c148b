"""Rules about disks together, and with the rest of the machine, in the order of their numbers, with the features that call for them."""

RULES = {
    "duplicate_target": "disk",
    "duplicate_drive_address": "disk",
    "scsi_hostdev_address": "hostdev",
    "iothread_undefined": "disk controller",
    "scsi_without_controller": "disk",
    "ide_on_q35": "disk controller",
    "same_source_twice": "disk",
    "iotune_group_differs": "disk",
    "queues_exceed_vcpus": "disk interface",
    "shared_memory": "disk filesystem",
    "ide_controllers": "disk controller",
}
